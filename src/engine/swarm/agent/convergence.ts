/** Says which revision of the managers' sets the kernel agrees with. What does not is tried again, and said then. */
import type { Scopes } from '../../../affected/affected.ts';
import type { Retries } from '../../../reconcile/retries.ts';

export interface ConvergenceOptions {
  readonly retries: Pick<Retries, 'attempt' | 'failed'>;
  /** Makes the kernel agree with the records in these scopes. */
  readonly follow: (scopes: Scopes) => Promise<unknown>;
  /** All scopes, by the records as they are. */
  readonly all: () => Scopes;
  readonly acknowledge: (revision: number) => void;
}

const subject = { key: 'swarm:network state', name: "the swarm's network state" };

export class Convergence {
  readonly #options: ConvergenceOptions;
  /** Of the last set that is on record. */
  #revision = 0;
  /** Whether all sets until now are followed. */
  #followed: Promise<boolean> = Promise.resolve(true);
  #isClosed = false;

  constructor(options: ConvergenceOptions) {
    this.#options = options;
  }

  /** The set is on record, and has changed what these scopes are made of. Sets are followed side by side. */
  take(revision: number, scopes: Scopes | undefined): void {
    this.#revision = revision;
    const followed = scopes ? this.#follow(scopes) : Promise.resolve(true);
    this.#followed = Promise.all([this.#followed, followed]).then(([was, is]) => {
      if (was && is) this.#acknowledge(revision);
      return was && is;
    });
  }

  close(): void {
    this.#isClosed = true;
  }

  async #follow(scopes: Scopes): Promise<boolean> {
    const { follow, retries } = this.#options;
    try {
      await follow(scopes);
      return true;
    } catch (error) {
      retries.failed(subject, error, () => this.#again());
      return false;
    }
  }

  async #again(): Promise<void> {
    const { all, follow, retries } = this.#options;
    await retries.attempt(subject, async () => {
      const revision = this.#revision;
      await follow(all());
      this.#followed = Promise.resolve(true);
      this.#acknowledge(revision);
    });
  }

  #acknowledge(revision: number): void {
    if (!this.#isClosed) this.#options.acknowledge(revision);
  }
}
