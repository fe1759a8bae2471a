/** Longer than the server lets any operation of the page's own take; a turn (see turns.ts) must end some time. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Why the API did not do as asked, in words for the user. */
export class Refusal extends Error {
  /** code: the API's, such as UNAUTHENTICATED; none where no answer came, or not the API's. */
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

interface Answer<Data> {
  data?: Data | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

/** Runs an operation and returns its data; throws a Refusal where there was any error. The browser adds its cookies. */
export async function ask<Data>(fetch: typeof globalThis.fetch, query: string, variables = {}): Promise<Data> {
  let response: Response;
  let body: string;
  try {
    response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
      },
      body: JSON.stringify({ query, variables }),
      keepalive: true, // a refresh token must be exchanged whole, also where the page is closed meanwhile
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    body = await response.text();
  } catch {
    throw new Refusal("The server can't be reached. Check the network, and try again.");
  }
  const { data, errors } = read<Data>(body);
  const error = errors?.[0];
  if (error) throw new Refusal(sentence(error.message), error.extensions?.code);
  if (!data) throw new Refusal(`The server can't answer at the moment (HTTP ${response.status}). Try again later.`);
  return data;
}

/** What a body says; nothing where it is no JSON, as from a proxy whose server is down. */
function read<Data>(body: string): Answer<Data> {
  try {
    return (JSON.parse(body) ?? {}) as Answer<Data>;
  } catch {
    return {};
  }
}

/** The API's messages begin small and end without a full stop. */
function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1).replace(/\.?$/, '.');
}
