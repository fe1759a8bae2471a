import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import type { Session } from './session';

interface Props {
  session: Session;
  /** Why the user sees this instead of their work; undefined where they just came. */
  problem: string | undefined;
}

/** The form by which a user signs in. */
export function SignIn({ session, problem: reason }: Props) {
  const [problem, setProblem] = useState(reason);
  const [sending, setSending] = useState(false);
  const password = useRef<HTMLInputElement>(null);
  const company = useCompanyAccount();

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (sending) return;
    const fields = new FormData(event.currentTarget);
    setSending(true);
    setProblem(undefined);
    try {
      await session.signIn(String(fields.get('email')), String(fields.get('password')));
    } catch (error) {
      setProblem((error as Error).message);
      setSending(false);
      password.current?.select();
    }
  }

  return (
    <main className="graphiql-container sign-in">
      <form onSubmit={submit} aria-labelledby="sign-in-title">
        <h1 id="sign-in-title">Sign in to flowviz</h1>
        <label>
          E-mail
          <input
            name="email"
            type="email"
            autoComplete="username"
            required
            autoFocus
            aria-describedby="sign-in-problem"
          />
        </label>
        <label>
          Password
          <input
            ref={password}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            aria-describedby="sign-in-problem"
          />
        </label>
        <p id="sign-in-problem" role="alert">
          {problem}
        </p>
        {/* Not disabled while sending: that would take the focus from it. */}
        <button type="submit" className="graphiql-button" aria-disabled={sending}>
          {sending ? 'Signing in…' : 'Sign in'}
        </button>
        {company && <a href="/auth/oidc">Sign in with your company’s account</a>}
      </form>
    </main>
  );
}

/** Whether the server sends people to an identity provider; false until it has said so, or where it can't be asked. */
function useCompanyAccount(): boolean {
  const [offered, setOffered] = useState(false);
  useEffect(() => {
    let gone = false;
    fetch('/auth/methods')
      .then(async (response) => (await response.json()) as { oidc?: boolean })
      .then(
        ({ oidc }) => !gone && setOffered(oidc === true),
        () => undefined, // the password remains
      );
    return () => {
      gone = true;
    };
  }, []);
  return offered;
}
