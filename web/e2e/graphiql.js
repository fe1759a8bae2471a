// Uses GraphiQL as a person would, in a real browser that reaches nothing but the given server, and fails on anything that
// the content security policy blocked, on any console error or warning, and on any request to another origin.
//
//   node e2e/graphiql.js http://127.0.0.1:PORT /path/to/chromium [screenshot.png]
//
// The server serves the built pages; /graphql is answered here, by graphql-js over the part of the schema that signing in and
// the first example need.
import assert from 'node:assert/strict';
import { buildSchema, graphql, GraphQLError } from 'graphql';
import { launch, signIn, watch } from './browser.js';

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
  type Mutation {
    login(input: LoginInput!): LoginPayload! refreshToken(input: RefreshTokenInput!): LoginPayload! logout: LogoutPayload!
  }
  input LoginInput { email: String! password: String! cookie: Boolean! }
  input RefreshTokenInput { refreshToken: String }
  type LoginPayload { accessToken: String! expiresAt: String! user: User! }
  type LogoutPayload { loggedOut: Boolean! }
  type User { email: String! fullName: String! role: String! }
`);
const parent = { code: 'RAW-20260601-DUNA-0007', weightKg: '15.120', supplier: null, attributes: {} };
const user = { email: 'viewer@demo.flowviz', fullName: 'Vera Viewer', role: 'VIEWER' };
const password = 'right and long enough';

let issued = 0;
/** The access tokens that hold; none where nobody is signed in. @type {Set<string>} */
const access = new Set();

/** What one request reaches: its refresh token came by cookie, and the next one goes there. */
class Root {
  /** @type {string | undefined} */
  setCookie;
  /** @param {string} cookie */
  constructor(cookie) {
    this.cookie = cookie;
  }
  lot(/** @type {{ code: string }} */ { code }) {
    const ancestors = { totalCount: 1, maxDepth: 1, nodes: [parent] };
    return { code, status: 'RELEASED', exposed: false, exposures: [], ancestors };
  }
  login(/** @type {{ input: { email: string, password: string, cookie: boolean } }} */ { input }) {
    if (input.email !== user.email || input.password !== password || !input.cookie) throw refusal('no such user');
    return this.#admit();
  }
  refreshToken() {
    if (access.size === 0 || this.cookie !== `refresh=${issued}`) {
      if (this.cookie) access.clear(); // used twice
      throw refusal('the refresh token is not valid');
    }
    return this.#admit();
  }
  logout() {
    access.clear();
    this.setCookie = 'refresh=; Path=/graphql; Max-Age=0';
    return { loggedOut: true };
  }
  #admit() {
    const accessToken = `access-${++issued}`;
    access.add(accessToken);
    this.setCookie = `refresh=${issued}; Path=/graphql; HttpOnly; SameSite=Strict`;
    return { accessToken, expiresAt: new Date(Date.now() + 15 * 60_000).toISOString(), user };
  }
}

function refusal(/** @type {string} */ message) {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } });
}

const browser = await launch(executablePath);
/** @type {string[]} */
let problems = [];
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(120_000); // on however busy a machine
  const page = await context.newPage();
  problems = watch(page, origin);
  await context.route(`${origin}/auth/methods`, (route) => route.fulfill({ json: { password: true, oidc: true } }));
  await context.route(`${origin}/graphql`, async (route) => {
    const { query: source, variables: variableValues, operationName } = route.request().postDataJSON();
    const { authorization, cookie = '' } = await route.request().allHeaders();
    const signsIn = /\b(login|refreshToken|logout)\b/.test(source);
    if (signsIn ? authorization : !access.has(authorization?.replace(/^Bearer /, '') ?? '')) {
      if (!authorization) problems.push(`asked without being signed in: ${source}`);
      const headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };
      await route.fulfill({ status: 401, headers, json: { errors: [refusal('the access token is not valid')] } });
      return;
    }
    const rootValue = new Root(cookie);
    const json = await graphql({ schema, rootValue, source, variableValues, operationName });
    const status = json.errors?.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED') ? 401 : 200;
    await route.fulfill({ status, headers: rootValue.setCookie ? { 'Set-Cookie': rootValue.setCookie } : {}, json });
  });

  const tabs = page.locator('.graphiql-tab');
  const query = page.getByRole('region', { name: 'Operation Editor' });
  const answer = page.locator('.result-window');

  // Nobody is signed in: there is the form alone, for the keyboard as well, and it says what is wrong.
  await page.goto(`${origin}/graphiql`);
  await page.getByLabel('E-mail').and(page.locator(':focus')).waitFor();
  const company = page.getByRole('link', { name: 'Sign in with your company’s account' });
  await company.waitFor();
  assert.equal(await company.getAttribute('href'), '/auth/oidc');
  await page.keyboard.type(user.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('No such user.').waitFor();
  assert.equal(await query.count(), 0);
  if (screenshot) await page.screenshot({ path: screenshot.replace('.png', '-sign-in.png') });
  await page.keyboard.type(password); // over the wrong one, which is selected
  await page.keyboard.press('Enter');
  await page.getByText(`${user.email} (VIEWER)`).waitFor();

  // First visit: the examples stand ready, and the first one runs as it is.
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
  const own = ['MyOwn', ...titles.slice(1, -1).map((title) => title.trim())];
  const haveTabs = async () => {
    await query.getByText('MyOwn').first().waitFor();
    assert.deepEqual(
      (await tabs.allInnerTexts()).map((title) => title.trim()),
      own,
    );
  };
  await page.reload(); // which the sign-in survives
  await haveTabs();

  // Tabs that open at once take turns with the refresh token.
  const others = await Promise.all([context.newPage(), context.newPage()]);
  await Promise.all([page.reload(), ...others.map((other) => other.goto(`${origin}/graphiql`))]);
  for (const tab of [page, ...others]) await tab.getByText(`${user.email} (VIEWER)`).waitFor();
  await Promise.all(others.map((other) => other.close()));
  await page.reload();
  await haveTabs();

  // A request whose access token has ended is sent again with a new one.
  const ended = issued;
  access.clear();
  access.add('another');
  await page.getByRole('button', { name: 'Execute query' }).click();
  await answer.getByText('__typename').first().waitFor();
  assert.equal(issued, ended + 1);

  // Neither token is where scripts, or the next user, could find it.
  const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
  assert(!/access-|refresh=/.test(kept), kept);

  // Signing out is for good. The tabs stay for who signs in next, and the answers don't.
  const signOut = async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('E-mail').waitFor();
    assert.equal(access.size, 0);
  };
  await signOut();
  await signIn(page, user.email, password);
  await haveTabs();
  assert.equal((await answer.innerText()).trim(), '');
  await signOut();
  await page.reload();
  await signIn(page, user.email, password);
  await haveTabs();

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
