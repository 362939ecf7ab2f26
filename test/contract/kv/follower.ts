/** A consumer of a watch, as tests of stores need it. */
import type { Changes, Entry, Kv, Snapshot } from '../../../src/kv/kv.ts';

/** What a consumer knows: it follows a watch until its state is as wanted. */
export class Follower {
  readonly known = new Map<string, Entry>();
  readonly told: (Snapshot | Changes)[] = [];
  readonly #stop = new AbortController();
  #look: () => void = () => undefined;
  readonly done: Promise<void>;

  constructor(kv: Kv, prefix = '', onAway?: (why: Error | undefined) => void) {
    this.done = this.#run(kv.watch(prefix, { signal: this.#stop.signal, ...(onAway && { onAway }) }));
  }

  async #run(watch: AsyncIterable<Snapshot | Changes>): Promise<void> {
    for await (const one of watch) {
      this.told.push(one);
      if (one.kind === 'snapshot') this.known.clear();
      for (const entry of one.kind === 'snapshot' ? one.entries : one.put) this.known.set(entry.key, entry);
      if (one.kind === 'changes') for (const key of one.removed) this.known.delete(key);
      this.#look();
    }
  }

  get state(): Record<string, string> {
    return Object.fromEntries([...this.known.values()].map(({ key, value }) => [key, value]));
  }

  /** Fails by the test's time limit, with the state as it is in the report. */
  async until(wanted: (state: Record<string, string>) => boolean, limit = 20_000): Promise<void> {
    if (wanted(this.state)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`after ${limit} ms: ${JSON.stringify(this.state).slice(0, 500)}`)),
      limit,
    );
    this.#look = () => {
      if (wanted(this.state)) resolve();
    };
    await promise.finally(() => clearTimeout(timer));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.done;
  }
}

export const put = (key: string, value: string) => ({ put: [{ key, value }] });
export const equals = (wanted: Record<string, string>) => (state: Record<string, string>) =>
  JSON.stringify(Object.entries(state).sort()) === JSON.stringify(Object.entries(wanted).sort());
