/** Which differences are allowed, and by what; and which allowances nothing needs any more. */
import { type Beside, isExpected } from '../docker-peer.ts';
import type { Difference } from './compare.ts';

export interface Reason {
  readonly why: string;
  readonly place: RegExp;
  /** Rows by their name; all where absent. */
  readonly rows?: RegExp;
  /** What Docker and Seaway have there; '' for nothing. Anything where absent. */
  readonly docker?: RegExp;
  readonly seaway?: RegExp;
  /** Met only where the machine withholds no capability. */
  readonly allCapabilities?: true;
  /** Beside which Dockers; all where absent. */
  readonly beside?: Beside;
}

/** What the Docker that is compared with says, and what Seaway says in its place. */
export interface Wording {
  readonly from: RegExp;
  readonly to: string;
  readonly beside?: Beside;
}

/** What older Dockers say, and the one that is followed. */
export const newer = (from: RegExp, to: string): Wording => ({ from, to, beside: 'older' });

export class Judge {
  readonly #words: readonly Wording[];
  readonly #reasons: readonly Reason[];
  readonly #used = new Set<unknown>();

  constructor(words: readonly Wording[], reasons: readonly Reason[]) {
    this.#words = words.filter(isExpected);
    this.#reasons = reasons.filter(isExpected);
  }

  /** What Docker says, in Seaway's words. */
  reworded<T>(seen: T): T {
    return JSON.parse(JSON.stringify(seen), (_, value) =>
      typeof value === 'string' ? this.#reword(value) : value,
    );
  }

  #reword(text: string): string {
    return this.#words.reduce((kept, { from, to }) => {
      const changed = kept.replace(from, to);
      if (changed !== kept) this.#used.add(from);
      return changed;
    }, text);
  }

  /** Those that no reason allows. */
  unexplained(row: string, differences: readonly Difference[]): readonly Difference[] {
    return differences.filter((difference) => {
      const reason = this.#reasons.find((each) => allows(each, row, difference));
      if (reason) this.#used.add(reason);
      return reason === undefined;
    });
  }

  /** Words and reasons that were not met. */
  unused(): readonly (RegExp | Reason)[] {
    const all = [...this.#words.map(({ from }) => from), ...this.#reasons];
    return all.filter((each) => !this.#used.has(each));
  }
}

const allows = (reason: Reason, row: string, { place, docker, seaway }: Difference): boolean =>
  reason.place.test(place) &&
  (reason.rows?.test(row) ?? true) &&
  (reason.docker?.test(docker) ?? true) &&
  (reason.seaway?.test(seaway) ?? true);
