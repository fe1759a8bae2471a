/** Runs a task when those before it have ended, and returns what it returns. */
export type TakeTurns = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** Where a turn is marked while it lasts. */
type Marks = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const MARK = 'flowviz:turn';
/** How long what a page asked may still be under way when the page is gone. */
const LATE_MS = 2_000;

/**
 * The turns of all tabs of this origin, by the browser's locks. Browsers have these under https and on a loopback address
 * only: elsewhere the turns are those of this tab, and two tabs that refresh at the same moment have to sign in again.
 */
export function turnsOfTabs(locks: LockManager | undefined, marks: Marks): TakeTurns {
  return locks ? (task) => locks.request('flowviz-session', () => markedTurn(task, marks)) : turnsOfTab();
}

/**
 * A page that is closed or reloaded in its turn gives up the lock at once, while its refresh token is exchanged. Its mark stays:
 * who comes next waits until the answer is there, or would send the same token again.
 */
async function markedTurn<Result>(task: () => Promise<Result>, marks: Marks): Promise<Result> {
  const left = Number(marks.getItem(MARK)) + LATE_MS - Date.now();
  if (left > 0 && left <= LATE_MS) await new Promise((resolve) => setTimeout(resolve, left));
  marks.setItem(MARK, String(Date.now()));
  try {
    return await task();
  } finally {
    marks.removeItem(MARK);
  }
}

function turnsOfTab(): TakeTurns {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {}); // told to who took the turn
    return result;
  };
}
