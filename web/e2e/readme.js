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

const browser = await launch(executablePath);
try {
  const page = await browser.newPage();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  const problems = watch(page, origin);
  await page.goto(`${origin}/graphiql`);
  await signIn(page, 'viewer@demo.flowviz', password);
  await page.getByText('viewer@demo.flowviz (VIEWER)').waitFor();

  await page.getByRole('button', { name: 'New tab' }).click();
  await page.getByRole('region', { name: 'Operation Editor' }).click();
  await page.evaluate((query) => navigator.clipboard.writeText(query), block('graphql'));
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+V');
  await page.locator('.graphiql-tab-active').getByText('WhatIsThisPalletMadeOf').waitFor();

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
