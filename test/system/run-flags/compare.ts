/** Two engines' answers to the same command, made comparable, and what differs between them. */

/** What differs at one place: `inspect.HostConfig.Init`, `out.limits`, `status`. */
export interface Difference {
  readonly place: string;
  /** What real Docker has, and what Seaway has; '' for nothing. */
  readonly docker: string;
  readonly seaway: string;
}

const replacements: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{64}\b/g, '<id>'],
  // the same addresses, as older Dockers write them
  [/\b(fe00|ff00)::0\t/g, '$1::\t'],
  [/\b[0-9a-f]{12}\b/g, '<short>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, '<time>'],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '<mac>'],
  // drawn in the order in which containers start
  [/\b172\.17\.0\.(?!1\b)\d+/g, '<address>'],
  [/\b10\.87\.0\.[2-8]\b/g, '<address>'],
];

/** Text without what no two runs have in common; `own`: words of this run and what stands for them. */
export function comparable(text: string, own: readonly (readonly [string, string])[]): string {
  const named = own.reduce((kept, [from, to]) => kept.replaceAll(from, to), text);
  return replacements.reduce((kept, [pattern, to]) => kept.replace(pattern, to), named);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As JSON; keys in one order, and mounts too, which Docker lists in any order. */
function text(value: unknown): string {
  if (value === undefined) return '';
  const sorted = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(sorted);
    if (!isRecord(each)) return each;
    return Object.fromEntries(
      Object.keys(each)
        .sort()
        .map((key) => [key, sorted(each[key])]),
    );
  };
  return JSON.stringify(sorted(value));
}

/** Lists that Docker gives in any order. */
const lists = new Set(['inspect.Mounts', 'inspect.HostConfig.Links', 'inspect.Config.Env']);

/** The places where two values of JSON differ. */
export function differencesOf(docker: unknown, seaway: unknown, place: string): readonly Difference[] {
  if (isRecord(docker) && isRecord(seaway)) {
    const keys = [...new Set([...Object.keys(docker), ...Object.keys(seaway)])];
    return keys.flatMap((key) => differencesOf(docker[key], seaway[key], `${place}.${key}`));
  }
  if (Array.isArray(docker) && Array.isArray(seaway) && lists.has(place))
    return lineDifferences(docker.map(text), seaway.map(text), place);
  return text(docker) === text(seaway) ? [] : [{ place, docker: text(docker), seaway: text(seaway) }];
}

/** Each line that only one of two texts has, whatever their order. */
export function lineDifferences(
  docker: readonly string[],
  seaway: readonly string[],
  place: string,
): readonly Difference[] {
  const only = (lines: readonly string[], others: readonly string[]): readonly string[] =>
    [...new Set(lines)].filter((line) => !others.includes(line)).sort();
  return [
    ...only(docker, seaway).map((line) => ({ place, docker: line, seaway: '' })),
    ...only(seaway, docker).map((line) => ({ place, docker: '', seaway: line })),
  ];
}
