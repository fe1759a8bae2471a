import { explorerPlugin } from '@graphiql/plugin-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Account } from './Account';
import type { Session, User } from './session';
import { SignIn } from './SignIn';
import { startingTabs } from './tabs';

const plugins = [HISTORY_PLUGIN, explorerPlugin()];

/** GraphiQL for who is signed in, the form for who isn't. Nothing is asked of the API in between, not even its schema. */
export function Page({ session }: { session: Session }) {
  const { user, problem } = useSyncExternalStore(session.subscribe, session.state);
  if (user === undefined) return null; // for as long as one request takes
  return user ? <Work session={session} user={user} /> : <SignIn session={session} problem={problem} />;
}

function Work({ session, user }: { session: Session; user: User }) {
  const [tabs] = useState(() => startingTabs(localStorage));
  // The server sends whole answers, no multipart parts, so asking for them would only blur errors.
  const [fetcher] = useState(() =>
    createGraphiQLFetcher({ url: '/graphql', fetch: session.fetch, enableIncrementalDelivery: false }),
  );
  const main = useRef<HTMLElement>(null);
  useEffect(() => main.current?.focus(), []); // from the form, which is gone

  return (
    <main ref={main} tabIndex={-1} aria-label="GraphiQL">
      {/* Headers may hold a token, so they aren't kept in the browser. */}
      <GraphiQL fetcher={fetcher} plugins={plugins} shouldPersistHeaders={false} {...tabs}>
        <GraphiQL.Logo>
          <Account session={session} user={user} />
        </GraphiQL.Logo>
      </GraphiQL>
    </main>
  );
}
