/** Runs a task when those before it have ended, and returns what it returns. */
export type TakeTurns = <Result>(task: () => Promise<Result>) => Promise<Result>;

/**
 * The turns of all tabs of this origin, by the browser's locks. Browsers have these under https and on a loopback address
 * only: elsewhere the turns are those of this tab, and two tabs that refresh at the same moment have to sign in again.
 */
export function turnsOfTabs(locks: LockManager | undefined): TakeTurns {
  return locks ? (task) => locks.request('flowviz-session', task) : turnsOfTab();
}

function turnsOfTab(): TakeTurns {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {}); // told to who took the turn
    return result;
  };
}
