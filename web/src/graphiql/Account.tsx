import { useState } from 'react';
import type { Session, User } from './session';

/** Who is signed in, and the way out. */
export function Account({ session, user }: { session: Session; user: User }) {
  const [problem, setProblem] = useState<string>();

  async function signOut() {
    setProblem(undefined);
    try {
      await session.signOut();
    } catch (error) {
      setProblem(`You are still signed in. ${(error as Error).message}`);
    }
  }

  return (
    <span className="account">
      <span role="alert">{problem}</span>
      <span title={user.fullName}>
        {user.email} ({user.role})
      </span>
      <button type="button" className="graphiql-button" onClick={signOut}>
        Sign out
      </button>
    </span>
  );
}
