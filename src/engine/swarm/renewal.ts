/** The node's certificate is renewed between half and four fifths of its life. */
import { fail, messageOf } from '../../errors.ts';
import { subjectOf } from '../../manager/subject.ts';
import type { Logger } from '../../observe/logger.ts';

export interface RenewalOptions {
  readonly logger: Logger;
  /** Calls `plan` with the new certificate. */
  readonly renew: () => Promise<void>;
}

/** Milliseconds: after a failure, and the most that a timer can wait. */
const [again, longest] = [60_000, 2 ** 31 - 1];

export class Renewal {
  readonly #options: RenewalOptions;
  #timer: NodeJS.Timeout | undefined;
  #until = Number.POSITIVE_INFINITY;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** '' while the certificate is good. */
  get error(): string {
    return Date.now() < this.#until ? '' : fail('SWARM_EXPIRED').message;
  }

  plan(certificate: string): void {
    const { from, until } = subjectOf(certificate);
    this.#until = until;
    const share = 0.5 + Math.random() * 0.3;
    this.#wait(from + (until - from) * share - Date.now());
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer);
    const due = milliseconds <= longest;
    const run = (): void => (due ? void this.#run() : this.#wait(milliseconds - longest));
    this.#timer = setTimeout(run, Math.max(1_000, Math.min(longest, milliseconds))).unref();
  }

  async #run(): Promise<void> {
    try {
      await this.#options.renew();
    } catch (error) {
      this.#options.logger.warn('the certificate of this node was not renewed', { error: messageOf(error) });
      this.#wait(again);
    }
  }
}
