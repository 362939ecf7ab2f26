/** Serialises changes of the image records, which read them first. */

export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Each piece of work starts when the previous one has ended, successfully or not. */
export function inTurns(): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => {});
    return mine;
  };
}
