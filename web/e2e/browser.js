import { chromium } from 'playwright-core';

/** A browser without a window that reaches this machine alone. @param {string} executablePath */
export function launch(executablePath) {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
}

/**
 * Notes from now on what a page must not do: errors and warnings on the console, where Chromium also reports what the content
 * security policy blocks and what could not be fetched, and requests to another origin.
 * @param {import('playwright-core').Page} page
 * @param {string} origin
 */
export function watch(page, origin) {
  /** @type {string[]} */
  const problems = [];
  page.on('console', (message) => {
    if (message.location().url === `${origin}/graphql` && message.text().includes('status of 401')) return; // as is meant
    if (['error', 'warning'].includes(message.type())) {
      problems.push(`console ${message.type()}: ${message.text().slice(0, 300)}`); // may hold a whole font as a data: URL
    }
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin && !request.url().startsWith('data:')) {
      problems.push(`left the origin: ${request.url()}`);
    }
  });
  return problems;
}

/**
 * Fills in and sends the form.
 * @param {import('playwright-core').Page} page
 * @param {string} email
 * @param {string} password
 */
export async function signIn(page, email, password) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
