/** Which differences are allowed, and by what; and which allowances nothing needs any more. */
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
}

/** What Docker 20.10 says, and Docker 28 in its place. */
export type Wording = readonly [RegExp, string];

export class Judge {
  readonly #words: readonly Wording[];
  readonly #reasons: readonly Reason[];
  readonly #used = new Set<unknown>();

  constructor(words: readonly Wording[], reasons: readonly Reason[]) {
    this.#words = words;
    this.#reasons = reasons;
  }

  /** What Docker 20.10 says, as Docker 28 would. */
  asNewer<T>(seen: T): T {
    return JSON.parse(JSON.stringify(seen), (_, value) =>
      typeof value === 'string' ? this.#newer(value) : value,
    );
  }

  #newer(text: string): string {
    return this.#words.reduce((kept, [pattern, to]) => {
      const changed = kept.replace(pattern, to);
      if (changed !== kept) this.#used.add(pattern);
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
    const all = [...this.#words.map(([pattern]) => pattern), ...this.#reasons];
    return all.filter((each) => !this.#used.has(each));
  }
}

const allows = (reason: Reason, row: string, { place, docker, seaway }: Difference): boolean =>
  reason.place.test(place) &&
  (reason.rows?.test(row) ?? true) &&
  (reason.docker?.test(docker) ?? true) &&
  (reason.seaway?.test(seaway) ?? true);
