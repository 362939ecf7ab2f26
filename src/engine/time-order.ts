/** Puts blocks of several rings into the order of their times: each ring hands its own over some time after the packet. */

interface Waiting {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly block: Buffer;
}

/** Bytes that wait at most; beyond them blocks are handed on before their time. */
const mostWaiting = 8 * 1024 * 1024;

export class TimeOrder {
  /** Nanoseconds after which every ring has handed a packet over. */
  readonly #patience: bigint;
  #waiting: Waiting[] = [];
  #bytes = 0;

  constructor(milliseconds: number) {
    this.#patience = BigInt(milliseconds) * 1_000_000n;
  }

  add(time: bigint, block: Buffer): void {
    this.#waiting.push({ time, block });
    this.#bytes += block.length;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Blocks before which none can come any more, the oldest first. */
  take(now: bigint): readonly Buffer[] {
    const until = this.#bytes > mostWaiting ? now : now - this.#patience;
    const ready = this.#waiting.filter(({ time }) => time <= until);
    if (ready.length === 0) return [];
    this.#waiting = this.#waiting.filter(({ time }) => time > until);
    ready.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    for (const { block } of ready) this.#bytes -= block.length;
    return ready.map(({ block }) => block);
  }
}
