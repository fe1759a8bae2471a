import { ask, Refusal } from './api';
import type { TakeTurns } from './turns';

/** Who is signed in. */
export interface User {
  email: string;
  fullName: string;
  role: string;
}

/** user is null where nobody is signed in, and undefined until that is known; problem says what the user should know of it. */
export interface State {
  user: User | null | undefined;
  problem?: string;
}

interface SignedIn {
  accessToken: string;
  expiresAt: string;
  user: User;
}

const SIGNED_IN = 'accessToken expiresAt user { email fullName role }';
const LOGIN = `mutation SignIn($input: LoginInput!) { signedIn: login(input: $input) { ${SIGNED_IN} } }`;
const REFRESH = `mutation GoOn { signedIn: refreshToken(input: {}) { ${SIGNED_IN} } }`;
const LOGOUT = 'mutation SignOut { logout { loggedOut } }';

/** How long before its end an access token is renewed: an answer's time, and clocks that differ a little. */
const EARLY_MS = 60_000;
/** Between renewals at least: where this machine's clock is ahead, each new token looks as if it had ended. */
const RENEWAL_INTERVAL_MS = 60_000;

/**
 * A user's sign-in, as long as the page is open. The access token is in this object alone; the refresh token is in a cookie
 * that scripts can't read.
 *
 * Invariant: whatever uses or changes that cookie takes turns. A refresh token that comes twice ends the session.
 */
export class Session {
  #state: State = { user: undefined };
  #accessToken: string | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #browserFetch: typeof fetch;
  readonly #takeTurns: TakeTurns;

  constructor(browserFetch: typeof fetch, takeTurns: TakeTurns) {
    this.#browserFetch = browserFetch;
    this.#takeTurns = takeTurns;
  }

  /** The same object until something changes. */
  readonly state = (): State => this.#state;

  /** Calls listener at each change of the state, until the function that it returns is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Goes on with the session of the browser's cookie, as after a reload. Where there is none, nobody is signed in. */
  async restore(): Promise<void> {
    try {
      await this.#renew(undefined);
    } catch (error) {
      this.#leave((error as Refusal).message);
    }
  }

  /** Throws a Refusal where the API doesn't take the password. */
  signIn(email: string, password: string): Promise<void> {
    return this.#takeTurns(async () => {
      const input = { email, password, cookie: true };
      const { signedIn } = await ask<{ signedIn: SignedIn }>(this.#browserFetch, LOGIN, { input });
      this.#enter(signedIn);
    });
  }

  /**
   * Ends the session that the browser keeps. By the cookie alone: the access token may have ended, and is refused then.
   * Throws a Refusal where the server didn't do it: a reload would sign the user in again.
   */
  signOut(): Promise<void> {
    return this.#takeTurns(async () => {
      try {
        await ask(this.#browserFetch, LOGOUT);
      } catch (error) {
        if (!isSignedOut(error)) throw error;
      }
      this.#leave();
    });
  }

  /**
   * The browser's fetch, in the user's name. A request whose access token is refused is sent once more with a new one. One
   * that brings its own Authorization, such as an API token from GraphiQL's headers, goes as it is.
   */
  readonly fetch: typeof fetch = async (input, init) => {
    if (new Headers(init?.headers).has('authorization')) return this.#browserFetch(input, init);
    const token = this.#accessToken;
    const response = await this.#send(input, init, token);
    if (!isTokenRefused(response)) return response;
    await this.#renew(token);
    return this.#accessToken ? this.#send(input, init, this.#accessToken) : response;
  };

  #send(input: Parameters<typeof fetch>[0], init: RequestInit | undefined, token: string | undefined) {
    const headers = new Headers(init?.headers);
    if (token) headers.set('authorization', `Bearer ${token}`);
    return this.#browserFetch(input, { ...init, headers });
  }

  /** Replaces the access token `old`, unless that has happened, or somebody signed out, until it is this call's turn. */
  #renew(old: string | undefined): Promise<void> {
    return this.#takeTurns(async () => {
      if (this.#accessToken !== old) return;
      try {
        const { signedIn } = await ask<{ signedIn: SignedIn }>(this.#browserFetch, REFRESH);
        this.#enter(signedIn);
      } catch (error) {
        if (!isSignedOut(error)) throw error;
        this.#leave(old && 'Your session has ended. Sign in again.');
      }
    });
  }

  #enter({ accessToken, expiresAt, user }: SignedIn) {
    this.#accessToken = accessToken;
    this.#renewAfter(Math.max(Date.parse(expiresAt) - Date.now() - EARLY_MS, RENEWAL_INTERVAL_MS));
    this.#change({ user });
  }

  #leave(problem?: string) {
    this.#accessToken = undefined;
    clearTimeout(this.#renewal);
    this.#change({ user: null, problem });
  }

  #renewAfter(ms: number) {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => {
      this.#renew(this.#accessToken).catch(() => {}); // the next request does it, and tells the user if it can't
    }, ms);
  }

  #change(state: State) {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function isSignedOut(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'UNAUTHENTICATED';
}

/**
 * Whether a request was refused for its access token, before any of it ran (RFC 6750, 3). Status 401 alone doesn't say so: an
 * operation that ran has it too, such as a `login` with a wrong password, and mustn't run twice.
 */
function isTokenRefused(response: Response): boolean {
  return response.status === 401 && (response.headers.get('www-authenticate') ?? '').includes('invalid_token');
}
