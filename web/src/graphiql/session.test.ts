import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Session } from './session';
import { turnsOfTabs } from './turns';

const START = new Date('2026-11-02T06:00:00Z');
const LIFETIME_MS = 15 * 60_000;
const user = { email: 'viewer@demo.flowviz', fullName: 'Vera Viewer', role: 'VIEWER' };

interface Request {
  asks: string; // the mutation's field, or the whole query
  bearer: string | null;
}

/** The server as tabs of one browser see it: with their cookie, whose refresh token is good once, and ends all if used twice. */
class Server {
  readonly requests: Request[] = [];
  readonly good = new Set<string>();
  cookie: string | undefined;
  down = false;
  clockMs = 0; // how far its clock is ahead of the browser's
  slow: string | undefined; // what is answered late
  #issued = 0;

  readonly fetch: typeof fetch = async (_, init) => {
    const { query, variables } = JSON.parse(String(init?.body));
    const asks: string = /mutation .*(login|refreshToken|logout)/.exec(query)?.[1] ?? query;
    const bearer = new Headers(init?.headers).get('authorization');
    this.requests.push({ asks, bearer });
    const sent = this.cookie;
    await after(10);
    if (this.down) throw new TypeError('Failed to fetch');
    const answer = this.#answer(asks, variables, bearer, sent);
    await after(asks === this.slow ? 100 : 0);
    return answer;
  };

  #answer(asks: string, variables: { input: { password: string } }, bearer: string | null, sent: string | undefined) {
    if (bearer && !this.good.has(bearer))
      return refuse('the access token is not valid', 'Bearer error="invalid_token"');
    switch (asks) {
      case 'login':
        return variables.input.password === 'right' ? this.#admit() : refuse('no active user has this password');
      case 'refreshToken':
        if (sent && sent === this.cookie) return this.#admit();
        this.end();
        return refuse('the refresh token is not valid any more');
      case 'logout':
        if (!sent) return refuse('nobody is signed in');
        this.end();
        return Response.json({ data: { logout: { loggedOut: true } } });
      default:
        return bearer ? Response.json({ data: { answer: asks } }) : refuse('sign in first');
    }
  }

  asked(): string[] {
    return this.requests.map(({ asks }) => asks);
  }

  end() {
    this.cookie = undefined;
    this.good.clear();
  }

  #admit() {
    this.#issued++;
    this.cookie = `refresh ${this.#issued}`;
    this.good.add(`Bearer access ${this.#issued}`);
    const expiresAt = new Date(Date.now() + this.clockMs + LIFETIME_MS).toISOString();
    return Response.json({ data: { signedIn: { accessToken: `access ${this.#issued}`, expiresAt, user } } });
  }
}

/** What pages of one browser keep. */
class Marks {
  readonly #items = new Map<string, string>();
  readonly getItem = (key: string) => this.#items.get(key) ?? null;
  readonly setItem = (key: string, value: string) => void this.#items.set(key, value);
  readonly removeItem = (key: string) => void this.#items.delete(key);
}

function after(ms: number) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function refuse(message: string, challenge?: string): Response {
  const headers = challenge ? { 'WWW-Authenticate': challenge } : undefined;
  return Response.json({ errors: [{ message, extensions: { code: 'UNAUTHENTICATED' } }] }, { status: 401, headers });
}

let server: Server;
let marks: Marks;
let session: Session;

/** Lets the server answer. */
async function answered<Result>(result: Promise<Result>): Promise<Result> {
  result.catch(() => {}); // told below
  await vi.advanceTimersByTimeAsync(1_000);
  return result;
}

function query(init: RequestInit = {}): Promise<Response> {
  return session.fetch('/graphql', { ...init, method: 'POST', body: JSON.stringify({ query: '{ lots }' }) });
}

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  server = new Server();
  marks = new Marks();
  session = new Session(server.fetch, turnsOfTabs(undefined, marks));
});

afterEach(() => {
  vi.useRealTimers();
});

describe('signing in', () => {
  test('sends the access token with each request from then on', async () => {
    await answered(session.signIn(user.email, 'right'));
    expect(session.state()).toEqual({ user });
    expect(await (await answered(query())).json()).toEqual({ data: { answer: '{ lots }' } });
    expect(server.requests).toEqual([
      { asks: 'login', bearer: null },
      { asks: '{ lots }', bearer: 'Bearer access 1' },
    ]);
  });

  test("tells the API's reason where it is refused", async () => {
    await expect(answered(session.signIn(user.email, 'wrong'))).rejects.toThrow('No active user has this password.');
    expect(session.state().user).toBeUndefined();
  });

  test.each([
    ['unreachable', () => Promise.reject(new TypeError('Failed to fetch')), /can't be reached/],
    ['down behind a proxy', async () => new Response('<h1>Bad gateway</h1>', { status: 502 }), /HTTP 502/],
    ['of another kind', async () => Response.json(null), /can't answer/],
  ])('says that the server is %s', async (_, fetch, message) => {
    await expect(new Session(fetch, turnsOfTabs(undefined, marks)).signIn(user.email, 'right')).rejects.toThrow(
      message,
    );
  });
});

describe('a reload', () => {
  test("goes on with the cookie's session", async () => {
    server.cookie = 'refresh 0';
    await answered(session.restore());
    expect(session.state()).toEqual({ user });
    expect(server.requests).toEqual([{ asks: 'refreshToken', bearer: null }]);
  });

  test('without a cookie shows that nobody is signed in, and no problem', async () => {
    await answered(session.restore());
    expect(session.state()).toEqual({ user: null, problem: undefined });
  });

  test('tells a problem that is another', async () => {
    server.down = true;
    await answered(session.restore());
    expect(session.state()).toEqual({ user: null, problem: expect.stringContaining("can't be reached") });
  });
});

describe('the access token', () => {
  beforeEach(async () => {
    await answered(session.signIn(user.email, 'right'));
    server.requests.length = 0;
  });

  test('is renewed shortly before it ends, again and again', async () => {
    await vi.advanceTimersByTimeAsync(LIFETIME_MS - 70_000);
    expect(server.asked()).toEqual([]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(server.asked()).toEqual(['refreshToken']);
    await vi.advanceTimersByTimeAsync(LIFETIME_MS);
    expect(server.asked()).toEqual(['refreshToken', 'refreshToken']);
  });

  test('is renewed once a minute at most, whatever the clock says', async () => {
    server.clockMs = -2 * LIFETIME_MS;
    await answered(session.signIn(user.email, 'right'));
    server.requests.length = 0;
    await vi.advanceTimersByTimeAsync(50_000);
    expect(server.asked()).toEqual([]);
  });

  test('is renewed once for all requests that are refused, and they are sent again', async () => {
    server.good.clear();
    const answers = await answered(Promise.all([query(), query(), query()]));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(server.asked().filter((asks) => asks === 'refreshToken')).toHaveLength(1);
    expect(server.requests).toHaveLength(3 + 1 + 3);
  });

  test('is renewed once where the time and a refused request coincide', async () => {
    server.good.clear();
    await vi.advanceTimersByTimeAsync(LIFETIME_MS - 61_001);
    await answered(query());
    expect(server.asked().filter((asks) => asks === 'refreshToken')).toHaveLength(1);
    expect(session.state()).toEqual({ user });
  });

  test('that is refused when new as well is not renewed a second time', async () => {
    const { fetch } = server;
    session = new Session(
      (input, init) => {
        server.good.clear();
        return fetch(input, init);
      },
      turnsOfTabs(undefined, marks),
    );
    await answered(session.signIn(user.email, 'right'));
    server.requests.length = 0;
    expect((await answered(query())).status).toBe(401);
    expect(server.asked()).toEqual(['{ lots }', 'refreshToken', '{ lots }']);
  });

  test('is not renewed, nor the request sent again, for a 401 of an operation that ran', async () => {
    const body = JSON.stringify({ query: 'mutation { login }', variables: { input: { password: 'wrong' } } });
    const answer = await answered(session.fetch('/graphql', { method: 'POST', body }));
    expect(answer.status).toBe(401);
    expect(server.asked()).toEqual(['login']);
  });

  test('stays away from a request that brings another', async () => {
    const answer = await answered(query({ headers: { Authorization: 'Bearer mine' } }));
    expect(answer.status).toBe(401);
    expect(server.requests).toEqual([{ asks: '{ lots }', bearer: 'Bearer mine' }]);
  });

  test('that can no more be renewed ends the session, and says so', async () => {
    server.end();
    expect((await answered(query())).status).toBe(401);
    expect(session.state()).toEqual({ user: null, problem: 'Your session has ended. Sign in again.' });
  });

  test('stays where the server could not be asked for another', async () => {
    server.down = true;
    await vi.advanceTimersByTimeAsync(LIFETIME_MS);
    expect(session.state()).toEqual({ user });
    server.down = false;
    server.good.clear();
    expect((await answered(query())).status).toBe(200);
  });
});

describe('signing out', () => {
  beforeEach(async () => {
    await answered(session.signIn(user.email, 'right'));
    server.requests.length = 0;
  });

  test('ends the session, and nothing is renewed any more', async () => {
    const seen = vi.fn();
    session.subscribe(seen);
    await answered(session.signOut());
    expect(session.state()).toEqual({ user: null, problem: undefined });
    expect(seen).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(2 * LIFETIME_MS);
    expect(server.asked()).toEqual(['logout']);
    expect((await answered(query())).status).toBe(401);
    expect(server.requests.at(-1)?.bearer).toBeNull();
  });

  test('works where the session has ended already', async () => {
    server.end();
    await answered(session.signOut());
    expect(session.state().user).toBeNull();
  });

  test('fails where the server does not know of it', async () => {
    server.down = true;
    await expect(answered(session.signOut())).rejects.toThrow("can't be reached");
    expect(session.state()).toEqual({ user });
  });

  test('is not undone by a renewal that was under way', async () => {
    server.good.clear();
    server.slow = 'refreshToken';
    const refused = query();
    await vi.advanceTimersByTimeAsync(15);
    expect(server.asked()).toEqual(['{ lots }', 'refreshToken']);
    await answered(Promise.all([refused, session.signOut()]));
    expect(session.state().user).toBeNull();
    expect(server.cookie).toBeUndefined();
  });
});

/** The browser's locks, for one name. */
function takingTurns() {
  let last: Promise<unknown> = Promise.resolve();
  const request = vi.fn((_name: string, task: () => Promise<unknown>) => (last = last.then(task)));
  return { request, locks: { request } as unknown as LockManager };
}

test("two tabs take turns by the browser's locks", async () => {
  const { request, locks } = takingTurns();
  const tabs = [
    new Session(server.fetch, turnsOfTabs(locks, marks)),
    new Session(server.fetch, turnsOfTabs(locks, marks)),
  ];
  server.cookie = 'refresh 0';
  await answered(Promise.all(tabs.map((tab) => tab.restore())));
  expect(tabs.map((tab) => tab.state().user)).toEqual([user, user]);
  expect(new Set(request.mock.calls.map(([name]) => name)).size).toBe(1);
});

test('a page that is closed while it renews keeps the next one from sending the same token', async () => {
  server.cookie = 'refresh 0';
  void new Session(server.fetch, turnsOfTabs(takingTurns().locks, marks)).restore();
  await vi.advanceTimersByTimeAsync(1); // the lock is free from here on, and the answer under way
  session = new Session(server.fetch, turnsOfTabs(takingTurns().locks, marks));
  const restored = session.restore();
  await vi.advanceTimersByTimeAsync(3_000);
  await restored;
  expect(session.state().user).toEqual(user);
  expect(server.asked()).toEqual(['refreshToken', 'refreshToken']);
});
