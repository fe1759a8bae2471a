// Does what README.md tells a newcomer to do with the demo: opens GraphiQL, signs in, pastes the query, and runs it. The answer
// is README.md's.
//
//   FLOWVIZ_DEMO_PASSWORD=… node e2e/readme.js http://127.0.0.1:PORT /path/to/chromium
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { launch, signIn, watch } from './browser.js';

const [origin, executablePath] = process.argv.slice(2);
const password = process.env.FLOWVIZ_DEMO_PASSWORD;
assert(origin && executablePath && password, 'usage: FLOWVIZ_DEMO_PASSWORD=… node e2e/readme.js ORIGIN CHROMIUM');

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
/** What README.md has in a language, once. @param {string} language */
function block(language) {
  const found = [...readme.matchAll(new RegExp('```' + language + '\\n(.*?)```', 'gs'))];
  assert.equal(found.length, 1, `README.md has ${found.length} blocks of ${language}`);
  return String(found[0]?.[1]);
}

/**
 * Pastes the clipboard into the editor until its tab has an operation's name: an editor that is still loading takes nothing.
 * @param {import('playwright-core').Page} page
 * @param {string} operation
 */
async function paste(page, operation) {
  const editor = page.getByRole('region', { name: 'Operation Editor' });
  const tab = page.locator('.graphiql-tab-active').getByText(operation);
  for (let tries = 12; ; tries--) {
    await editor.locator('.view-lines').first().click();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Control+V');
    try {
      return await tab.waitFor({ timeout: 5_000 });
    } catch (error) {
      if (tries === 1) throw error;
    }
  }
}

const browser = await launch(executablePath);
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000); // on however busy a machine
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  const problems = watch(page, origin);
  await page.goto(`${origin}/graphiql`);
  await signIn(page, 'viewer@demo.flowviz', password);
  await page.getByText('viewer@demo.flowviz (VIEWER)').waitFor();

  await page.getByRole('button', { name: 'New tab' }).click();
  await page.evaluate((query) => navigator.clipboard.writeText(query), block('graphql'));
  await paste(page, 'WhatIsThisPalletMadeOf');

  const [answered] = await Promise.all([
    page.waitForResponse((response) => response.request().postDataJSON()?.operationName === 'WhatIsThisPalletMadeOf'),
    page.getByRole('button', { name: 'Execute query' }).click(),
  ]);
  assert.equal(answered.request().postDataJSON().query, block('graphql'));
  assert.deepEqual(await answered.json(), JSON.parse(block('json')));
  await page.locator('.result-window').getByText('PAL-20261028-DUNA-0003').first().waitFor();
  assert.deepEqual(problems, []);
} finally {
  await browser.close();
}
