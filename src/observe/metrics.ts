/** Counters and histograms, and the text that Prometheus reads (exposition format 0.0.4). */

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** `_bucket`, `_sum`, `_count` of histograms; '' for the value itself. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

/** All samples of one name. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly samples: readonly Sample[];
}

const keyOf = (labels: Labels): string => JSON.stringify(labels);

export class Counter {
  readonly #name: string;
  readonly #help: string;
  readonly #values = new Map<string, { readonly labels: Labels; value: number }>();

  constructor(name: string, help: string, present: readonly Labels[] = []) {
    this.#name = name;
    this.#help = help;
    for (const labels of present) this.add(labels, 0);
  }

  add(labels: Labels = {}, by = 1): void {
    const key = keyOf(labels);
    const known = this.#values.get(key);
    if (known) known.value += by;
    else this.#values.set(key, { labels, value: by });
  }

  family(): Family {
    return { name: this.#name, help: this.#help, type: 'counter', samples: [...this.#values.values()] };
  }
}

/** Upper bounds in seconds that Prometheus' own clients, and so Docker, have by default. */
export const secondBounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts of one set of labels; the last is of what no bound holds. */
export interface Counts {
  readonly counts: number[];
  sum: number;
}

export const noCounts = (bounds: readonly number[]): Counts => ({
  counts: bounds.map(() => 0).concat(0),
  sum: 0,
});

export function count(into: Counts, bounds: readonly number[], value: number): void {
  const index = bounds.findIndex((bound) => value <= bound);
  const at = index < 0 ? bounds.length : index;
  into.counts[at] = (into.counts[at] ?? 0) + 1;
  into.sum += value;
}

/** The samples of a histogram: buckets are cumulative. */
export function histogramSamples(
  { counts, sum }: Readonly<Counts>,
  { bounds, labels = {} }: { readonly bounds: readonly number[]; readonly labels?: Labels },
): readonly Sample[] {
  let total = 0;
  const buckets = counts.map((each, index) => {
    total += each;
    const le = index < bounds.length ? String(bounds[index]) : '+Inf';
    return { suffix: '_bucket', labels: { ...labels, le }, value: total };
  });
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: total }];
}

export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #values = new Map<string, { readonly labels: Labels; readonly counts: Counts }>();

  constructor(name: string, help: string, present: readonly Labels[] = []) {
    this.#name = name;
    this.#help = help;
    for (const labels of present) this.#of(labels);
  }

  observe(labels: Labels, seconds: number): void {
    count(this.#of(labels), secondBounds, seconds);
  }

  family(): Family {
    const samples = [...this.#values.values()].flatMap(({ labels, counts }) =>
      histogramSamples(counts, { bounds: secondBounds, labels }),
    );
    return { name: this.#name, help: this.#help, type: 'histogram', samples };
  }

  #of(labels: Labels): Counts {
    const key = keyOf(labels);
    const known = this.#values.get(key);
    if (known) return known.counts;
    const counts = noCounts(secondBounds);
    this.#values.set(key, { labels, counts });
    return counts;
  }
}

const escapedHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapedValue = (text: string): string => escapedHelp(text).replaceAll('"', '\\"');

function shownLabels(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapedValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** The text of a scrape. A family without samples is left out. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(
        ({ suffix = '', labels, value }) => `${name}${suffix}${shownLabels(labels)} ${value}\n`,
      );
      return `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}
