/** One after the other: changes of the image records read them first, and must not cross. */

export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Each piece of work starts when the one before it has ended, well or not. */
export function inTurns(): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => {});
    return mine;
  };
}
