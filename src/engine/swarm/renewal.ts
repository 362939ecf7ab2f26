/** The node's certificate is renewed between half and four fifths of its life, and at once where another root CA is to sign it. */
import { fail, messageOf } from '../../errors.ts';
import { isIssuedBy, subjectOf } from '../../manager/subject.ts';
import type { Logger } from '../../observe/logger.ts';

export interface RenewalOptions {
  readonly logger: Logger;
  /** Calls `plan` with the new certificate. */
  readonly renew: () => Promise<void>;
  /** Called when the certificate is signed by the key that the managers want. */
  readonly certified: (issuer: string) => void;
}

/** Milliseconds: after a failure, and the most that a timer can wait. */
const [again, longest] = [60_000, 2 ** 31 - 1];
/** Milliseconds between tries while another root CA is to sign; doubled each time up to the longest. */
const rotating = { first: 1_000, longest: 10_000 };

export class Renewal {
  readonly #options: RenewalOptions;
  #timer: NodeJS.Timeout | undefined;
  #until = Number.POSITIVE_INFINITY;
  #certificate = '';
  /** The public key that is to sign it, base64 of DER; '' until a manager has told. */
  #issuer = '';
  #running: Promise<void> | undefined;
  /** Tries since a manager told the key. */
  #tries = 0;
  #said = '';
  #isClosed = false;

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
    this.#certificate = certificate;
    if (this.#issuer !== '' && this.#isRight) this.#options.certified(this.#issuer);
    const share = 0.5 + Math.random() * 0.3;
    this.#wait(this.#isRight ? from + (until - from) * share - Date.now() : this.#pause());
  }

  /** A manager tells which key is to sign the certificate. */
  want(issuer: string): void {
    this.#issuer = issuer;
    this.#tries = 0;
    if (this.#certificate === '') return;
    if (this.#isRight) this.#options.certified(issuer);
    else void this.#run();
  }

  /** At once. Never rejects: what fails is tried again. */
  now(): Promise<void> {
    return this.#run();
  }

  get #isRight(): boolean {
    return this.#issuer === '' || isIssuedBy(this.#certificate, this.#issuer);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #pause(): number {
    return Math.min(rotating.longest, rotating.first * 2 ** this.#tries++);
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const due = milliseconds <= longest;
    const run = (): void => (due ? void this.#run() : this.#wait(milliseconds - longest));
    this.#timer = setTimeout(run, Math.max(1_000, Math.min(longest, milliseconds))).unref();
  }

  #run(): Promise<void> {
    this.#running ??= this.#renew().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #renew(): Promise<void> {
    try {
      await this.#options.renew();
      this.#said = '';
    } catch (error) {
      const why = messageOf(error);
      const isNew = why !== this.#said;
      this.#said = why;
      this.#options.logger[isNew ? 'warn' : 'debug']('the certificate of this node was not renewed', {
        error: why,
      });
      this.#wait(this.#isRight ? again : this.#pause());
    }
  }
}
