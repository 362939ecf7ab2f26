/** Counts questions and answers, for the engine's metrics. */
import { type Counts, count, noCounts } from '../observe/metrics.ts';
import { rcode } from './message.ts';

/** Who had the answer. Nobody: the question cannot be read, or is refused. */
const answerers = ['itself', 'servers', 'nobody'] as const;
export type AnsweredBy = (typeof answerers)[number];

export interface DnsCounts {
  /** By transport. */
  readonly questions: { readonly udp: number; readonly tcp: number };
  readonly answers: readonly { readonly by: AnsweredBy; readonly code: string; readonly count: number }[];
  /** Seconds until other servers had answered, by `timeBounds`. */
  readonly times: Readonly<Counts>;
  /** Questions that no server has answered in time. */
  readonly unanswered: number;
}

/** Upper bounds in seconds. */
export const timeBounds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Response codes of the header's four bits (RFC 1035, 4.1.1). */
const codes = 16;
const codeNames = new Map<number, string>(Object.entries(rcode).map(([name, code]) => [code, name]));

export class Tally {
  readonly #questions = { udp: 0, tcp: 0 };
  readonly #answers = new Float64Array(answerers.length * codes);
  readonly #times = noCounts(timeBounds);
  #unanswered = 0;

  asked(transport: 'udp' | 'tcp'): void {
    this.#questions[transport] += 1;
  }

  answered(by: AnsweredBy, answer: Buffer): void {
    const index = answerers.indexOf(by) * codes + ((answer[3] ?? 0) & 0xf);
    this.#answers[index] = (this.#answers[index] ?? 0) + 1;
  }

  forwarded(milliseconds: number): void {
    count(this.#times, timeBounds, milliseconds / 1000);
  }

  unanswered(): void {
    this.#unanswered += 1;
  }

  counts(): DnsCounts {
    const answers = Array.from(this.#answers, (each, index) => ({
      by: answerers[Math.trunc(index / codes)] ?? 'nobody',
      code: codeNames.get(index % codes) ?? String(index % codes),
      count: each,
    })).filter((each) => each.count > 0);
    return { questions: this.#questions, answers, times: this.#times, unanswered: this.#unanswered };
  }
}
