// Listens as each recipe of docs/live.md does, and holds it to its word: node clients.mjs TOKEN NAME=URL… Between client and
// server stands a wire that is cut again and again; each event must come once, in order, and a refusal must reach the client.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { parse } from 'graphql';
import { WebSocket } from 'ws';

globalThis.WebSocket ??= WebSocket; // browsers have one, Node.js from 22 on

const [token, ...routes] = process.argv.slice(2);
const events = 12;
const cutAfter = [3, 7];
const waiting = 30_000;

// The recipes as a reader copies them.
const folder = new URL('recipes/', import.meta.url);
await mkdir(folder, { recursive: true });
const text = await readFile(new URL('../../docs/live.md', import.meta.url), 'utf8');
for (const [, name, code] of text.matchAll(/^```js (\S+)\n(.*?)^```$/gms)) {
  await writeFile(new URL(`${name}.mjs`, folder), code);
}
const recipe = (name) => import(new URL(`${name}.mjs`, folder));

async function ask(url, query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

// wire is a TCP relay that can be cut.
async function wire(url) {
  const { hostname, port, pathname } = new URL(url);
  const open = new Set();
  const relay = net.createServer((near) => {
    const far = net.connect(Number(port), hostname);
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.on('error', () => {}).on('close', () => {
        open.delete(one);
        other.destroy();
      }).pipe(other);
    }
  });
  await new Promise((done) => relay.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${relay.address().port}${pathname}`,
    cut: () => open.forEach((socket) => socket.resetAndDestroy()),
    close: () => relay.close(),
  };
}

const query = 'subscription ($after: Cursor, $site: String) { events(site: $site, after: $after) { cursor type ... on ChangeEvent { subject { ... on Partner { name } } } } }';
parse(query); // a mistake here is none of theirs

// within fails where a promise isn't kept in time.
function within(what, promise) {
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error(`${what}: nothing for ${waiting} ms`)), waiting)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function hearsAll(name, listen, url) {
  const line = await wire(url);
  const { eventCursor } = await ask(url, '{ eventCursor }');
  const heard = [];
  let arrived = () => {};
  const refused = { to: (error) => { throw error; } };
  const stop = listen({
    url: line.url, token: async () => token, query, variables: { after: eventCursor },
    next: ({ data }) => { heard.push(data.events); arrived(); },
    failed: (error) => refused.to(error),
  });
  const all = new Promise((done, fail) => {
    refused.to = fail;
    arrived = () => heard.length >= events && done();
  });
  all.catch(() => {}); // it is waited for later
  const made = [];
  for (let n = 0; n < events; n++) {
    made.push(`${name} ${n} ${Date.now()}`);
    await ask(url, 'mutation ($input: RegisterPartnerInput!) { registerPartner(input: $input) { partner { id } } }', { input: { siteCode: 'DUNA', name: made[n] } });
    if (cutAfter.includes(n)) {
      await within(`${name}: what came before the cut`, new Promise((done) => {
        const look = () => (heard.length > n ? done() : setTimeout(look, 10));
        look();
      }));
      line.cut();
    }
  }
  await within(name, all);
  stop();
  line.close();
  line.cut();
  const names = heard.map((event) => event.subject?.name);
  if (JSON.stringify(names) !== JSON.stringify(made)) throw new Error(`${name} heard ${names}, not ${made}`);
}

async function isRefused(name, listen, url) {
  const error = await within(`${name}: the refusal`, new Promise((done, fail) => {
    const stop = listen({
      url, token: async () => token, query, variables: { site: 'NOPE' },
      next: ({ data }) => fail(new Error(`${name} heard ${JSON.stringify(data)} of a site that isn't there`)),
      failed: (error) => { done(error); setTimeout(() => stop?.()); },
    });
  }));
  const list = Array.isArray(error) ? error : (error.graphQLErrors ?? error.errors ?? []);
  if (list[0]?.extensions?.code !== 'NOT_FOUND') throw new Error(`${name} is refused with ${JSON.stringify(error)}`);
}

const { listen: sse } = await recipe('graphql-sse');
const clients = {
  'graphql-ws': (await recipe('graphql-ws')).listen,
  'graphql-sse': sse,
  'graphql-sse, one connection': (options) => sse({ ...options, shared: true }),
  'Apollo Client': (await recipe('apollo')).listen,
  urql: (await recipe('urql')).listen,
};
for (const route of routes) {
  const [where, url] = route.split('=');
  for (const [name, listen] of Object.entries(clients)) {
    await hearsAll(name, listen, url);
    await isRefused(name, listen, url);
    console.log(`${name} ${where}`);
  }
}
console.log(`prove: ${Object.keys(clients).length} ways of 4 clients, ${routes.map((route) => route.split('=')[0]).join(' and ')}: ${events} events each, cut off ${cutAfter.length} times: each once, in order`);
process.exit(0);
