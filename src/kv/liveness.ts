/**
 * Finds a connection that was open and has died without a word. A store that is slow looks the same, so one that does not
 * answer is given up only where another connection is answered or not made meanwhile, or after a long silence.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** A connection that answers what it is asked. */
export interface Asked {
  /** Resolves with any answer. */
  ask(limit: number): Promise<unknown>;
  /** The time of what was last heard by it, as of `performance.now()`. */
  heard(): number;
}

export interface Others<T> {
  /** Resolves with another connection once it is answered. Rejects with Late where it is made and not answered. */
  open(signal: AbortSignal): Promise<T>;
  close(other: T): void;
}

export interface LivenessTimes {
  /** Milliseconds between questions. */
  readonly every: number;
  /** Milliseconds without an answer before another connection is tried: twice what answers have taken, within these. */
  readonly suspicion: readonly [least: number, most: number];
  /** Milliseconds of silence that a store may need. */
  readonly limit: number;
}

const usualTimes: LivenessTimes = { every: 1_000, suspicion: [500, 2_000], limit: 7_000 };

/** Another connection is to be used instead, if there is one. */
export type Death<T> = { readonly why: unknown; readonly other?: T };

/** No answer came: the store is slow, or its machine or the way to it is. */
export class Late extends Error {
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('i/o timeout');
  }
}

export class Liveness<T> {
  readonly #asked: Asked;
  readonly #others: Others<T>;
  readonly #times: LivenessTimes;
  /** What answers take: the longest one, less with each that is quicker. */
  #usual = 0;

  constructor(asked: Asked, others: Others<T>, times: LivenessTimes = usualTimes) {
    this.#asked = asked;
    this.#others = others;
    this.#times = times;
  }

  /** Resolves once it is dead. Rejects once the signal aborts. */
  async watch(signal: AbortSignal): Promise<Death<T>> {
    for (;;) {
      await sleep(this.#times.every, undefined, { signal, ref: false });
      const death = await this.#look(signal);
      signal.throwIfAborted();
      if (death) return death;
    }
  }

  get #suspicion(): number {
    const [least, most] = this.#times.suspicion;
    return Math.min(most, Math.max(least, 2 * this.#usual));
  }

  async #look(signal: AbortSignal): Promise<Death<T> | undefined> {
    const began = performance.now();
    const isHeard = (): boolean => this.#asked.heard() > began;
    const { limit } = this.#times;
    const answer = soon(this.#asked.ask(limit), limit).then(
      (isAnswered): Death<T> | undefined => (isAnswered ? undefined : { why: new Late() }),
      (why: unknown): Death<T> => ({ why }),
    );
    const isQuick = await soon(answer, this.#suspicion);
    const compared = isQuick || isHeard() ? await answer : await this.#compare(answer, signal);
    // what was read in the meantime is a sign of life, whatever has become of the question
    const death = isHeard() || signal.aborted ? undefined : compared;
    if (compared?.other !== undefined && compared !== death) this.#others.close(compared.other);
    this.#usual = Math.max(performance.now() - began, this.#usual * 0.9);
    return death;
  }

  /** The question is out for longer than usual. */
  async #compare(answer: Promise<Death<T> | undefined>, signal: AbortSignal): Promise<Death<T> | undefined> {
    const over = new AbortController();
    const ended = (): void => over.abort();
    signal.addEventListener('abort', ended, { once: true });
    try {
      const finding = this.#find(over.signal);
      const first = await Promise.race([answer.then((death) => ({ death })), finding]);
      if ('death' in first) {
        // one that was found at the same moment
        void finding.then(({ found }) => found.other !== undefined && this.#others.close(found.other));
        return first.death;
      }
      // both may be answered at the same moment, where a store goes on after a pause
      if (!(await soon(answer, this.#suspicion))) return first.found;
      if (first.found.other !== undefined) this.#others.close(first.found.other);
      return await answer;
    } finally {
      over.abort();
      signal.removeEventListener('abort', ended);
    }
  }

  /** Never resolves where others are as silent, until that is over. */
  async #find(signal: AbortSignal): Promise<{ readonly found: Death<T> }> {
    for (;;)
      try {
        const other = await this.#others.open(signal);
        return { found: { why: new Late(), other } };
      } catch (why) {
        if (signal.aborted) return await new Promise(() => undefined);
        if (!isLate(why)) return { found: { why } };
      }
  }
}

/** A connection was made, and not answered. */
const isLate = (thrown: unknown): boolean => thrown instanceof Late;

/** Whether it ends within the limit. What has come by then and is not read yet, because this process had to wait, counts. */
async function soon(task: Promise<unknown>, limit: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // what has come is read between the timers and the callbacks of setImmediate
  const late = (): void => void setImmediate(() => setImmediate(resolve, false));
  const timer = setTimeout(late, limit);
  timer.unref();
  try {
    return await Promise.race([task.then(() => true), promise]);
  } finally {
    clearTimeout(timer);
  }
}
