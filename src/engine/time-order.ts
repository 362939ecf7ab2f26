/**
 * Puts blocks of several rings into the order of their times. A ring hands its own over in order, but some time after the packet;
 * so the oldest of the heads is next, and nothing is sorted.
 */

interface Waiting {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly block: Buffer;
}

/** Blocks of a line that are kept once they are dropped: something may wait in it as long as it is there. */
const mostDropped = 1_000;

/** What one ring has handed over. */
class Line {
  #waiting: Waiting[] = [];
  #first = 0;

  add(one: Waiting): void {
    this.#waiting.push(one);
  }

  get head(): Waiting | undefined {
    return this.#waiting[this.#first];
  }

  drop(): void {
    this.#first += 1;
    if (this.#first < mostDropped && this.#first < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}

/** Bytes that wait at most; beyond them blocks are handed on before their time. */
const mostWaiting = 8 * 1024 * 1024;
/** Blocks that are handed on in a turn of the event loop. */
export const mostAtOnce = 2_000;

export class TimeOrder {
  /** Nanoseconds after which every ring has handed a packet over. */
  readonly #patience: bigint;
  readonly #lines = new Map<unknown, Line>();
  #bytes = 0;

  constructor(milliseconds: number) {
    this.#patience = BigInt(milliseconds) * 1_000_000n;
  }

  /** `ring`: any value that is the same for all of its blocks. */
  add(ring: unknown, time: bigint, block: Buffer): void {
    let line = this.#lines.get(ring);
    if (!line) {
      line = new Line();
      this.#lines.set(ring, line);
    }
    line.add({ time, block });
    this.#bytes += block.length;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Blocks before which none can come any more, the oldest first, but so many at most. */
  take(now: bigint): readonly Buffer[] {
    const ready: Buffer[] = [];
    while (ready.length < mostAtOnce) {
      const until = this.#bytes > mostWaiting ? now : now - this.#patience;
      const line = this.#oldest();
      const head = line?.head;
      if (!line || !head || head.time > until) break;
      line.drop();
      this.#bytes -= head.block.length;
      ready.push(head.block);
    }
    return ready;
  }

  #oldest(): Line | undefined {
    let found: Line | undefined;
    for (const line of this.#lines.values()) {
      const time = line.head?.time;
      if (time !== undefined && (found?.head === undefined || time < found.head.time)) found = line;
    }
    return found;
  }
}
