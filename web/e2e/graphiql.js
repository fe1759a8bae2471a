// Uses GraphiQL as a person would, in a real browser that reaches nothing but the given server, and fails on anything that
// the content security policy blocked, on any console error or warning, and on any request to another origin.
//
//   node e2e/graphiql.js http://127.0.0.1:PORT /path/to/chromium [screenshot.png]
//
// The server serves the built pages; /graphql is answered here, by graphql-js over the part of the schema that the first
// example needs.
import assert from 'node:assert/strict';
import { buildSchema, graphql } from 'graphql';
import { chromium } from 'playwright-core';

const [origin, executablePath, screenshot] = process.argv.slice(2);
assert(origin && executablePath, 'usage: node e2e/graphiql.js ORIGIN CHROMIUM [SCREENSHOT]');

const schema = buildSchema(`
  type Query { lot(code: String!): Lot }
  type Lot {
    code: String! status: String! exposed: Boolean! exposures: [Exposure!]! weightKg: String supplier: Partner
    attributes: LotAttributes! ancestors(first: Int, filter: LotFilter): LotKinConnection!
  }
  type Exposure { cause: Lot! since: String! path: [Lot!]! }
  type Partner { name: String! }
  type LotAttributes { description: String supplierLotCode: String }
  input LotFilter { lotType: [String!] }
  type LotKinConnection { nodes: [Lot!]! totalCount: Int! maxDepth: Int! }
`);
const parent = { code: 'RAW-20260601-DUNA-0007', weightKg: '15.120', supplier: null, attributes: {} };
const rootValue = {
  lot: (/** @type {{ code: string }} */ { code }) => ({
    code,
    status: 'RELEASED',
    exposed: false,
    exposures: [],
    ancestors: { totalCount: 1, maxDepth: 1, nodes: [parent] },
  }),
};

const browser = await chromium.launch({
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
/** @type {string[]} */
const problems = [];
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  // Chromium reports as console errors what the policy blocks and what could not be fetched.
  page.on('console', (message) => {
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
  await page.route(`${origin}/graphql`, async (route) => {
    const { query: source, variables: variableValues, operationName } = route.request().postDataJSON();
    await route.fulfill({ json: await graphql({ schema, rootValue, source, variableValues, operationName }) });
  });

  const tabs = page.locator('.graphiql-tab');
  const query = page.getByRole('region', { name: 'Operation Editor' });
  const answer = page.locator('.result-window');

  // First visit: the examples stand ready, and the first one runs as it is.
  await page.goto(`${origin}/graphiql`);
  await query.getByText('WhatIsThisPalletMadeOf').first().waitFor();
  const titles = await tabs.allInnerTexts();
  assert(titles.length >= 5 && titles.every((title) => /^[A-Z]\w+$/.test(title.trim())), `tabs: ${titles.join(' ')}`);
  await page.getByRole('button', { name: 'Execute query' }).click();
  await answer.getByText(parent.code).first().waitFor();

  // The explorer shows the schema; Monaco's workers run, as files of this origin.
  await page.getByRole('button', { name: 'Show GraphiQL Explorer' }).click();
  await page.locator('.graphiql-explorer-root').getByText('ancestors').first().waitFor();
  if (page.workers().length === 0) await page.waitForEvent('worker');
  const workers = page.workers().map((worker) => worker.url());
  assert(
    workers.every((url) => url.startsWith(`${origin}/assets/`)),
    `workers: ${workers.join(' ')}`,
  );
  if (screenshot) await page.screenshot({ path: screenshot });

  // Next visit: what the visitor wrote is still there, and no example came back.
  await tabs.last().hover();
  await tabs.last().getByLabel('Close Tab').click();
  await query.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('query MyOwn { __typename ');
  await tabs.getByText('MyOwn').waitFor();
  await page.waitForFunction(() => localStorage.getItem('graphiql:tabState')?.includes('MyOwn'));
  await page.reload();
  await query.getByText('MyOwn').first().waitFor();
  assert.deepEqual(
    (await tabs.allInnerTexts()).map((title) => title.trim()),
    ['MyOwn', ...titles.slice(1, -1).map((title) => title.trim())],
  );

  assert.deepEqual(problems, []);

  // The watch is awake: an inline script does not run, and its being blocked is noticed.
  const [complaint] = await Promise.all([
    page.waitForEvent('console'),
    page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'console.log("an inline script ran")';
      document.head.append(script);
    }),
  ]);
  assert.match(complaint.text(), /inline script violates .* Content Security Policy/);
} catch (error) {
  console.error(['Seen until then:', ...problems].join('\n'));
  throw error;
} finally {
  await browser.close();
}
