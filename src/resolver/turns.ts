/**
 * Limits how many questions of one sandbox's connections are answered in one turn of the event loop, so that other
 * sandboxes are served in between. Its connections take turns.
 */

/** As libuv reads of a UDP socket in one turn (uv__udp_recvmsg). */
const usual = 32;

/** Does one piece of work; false if there is no more for now. */
export type Step = () => boolean;

export class Turns {
  readonly #most: number;
  readonly #later: (run: () => void) => void;
  readonly #waiting = new Set<Step>();
  #isScheduled = false;

  constructor(most: number = usual, later: (run: () => void) => void = setImmediate) {
    this.#most = most;
    this.#later = later;
  }

  /** Reports work; may be called repeatedly. */
  add(step: Step): void {
    this.#waiting.add(step);
    this.#schedule();
  }

  drop(step: Step): void {
    this.#waiting.delete(step);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    this.#later(() => this.#run());
  }

  #run(): void {
    this.#isScheduled = false;
    for (let done = 0; done < this.#most; done += 1) {
      const [step] = this.#waiting;
      if (!step) return;
      // to the end of the line
      this.#waiting.delete(step);
      if (step()) this.#waiting.add(step);
    }
    this.#schedule();
  }
}
