/** The fewest removals and insertions that turn one list of rules into another. */

export interface Edits {
  /** Indices in the old list, ascending. */
  readonly removed: readonly number[];
  /** Indices in the new list, ascending. */
  readonly inserted: readonly number[];
}

/** Pairs equal items in order and keeps a longest increasing subsequence of the pairs. */
export function editsBetween(old: readonly string[], wanted: readonly string[]): Edits {
  const start = commonStart(old, wanted);
  const end = commonEnd(old, wanted, start);
  const targets = pair(old.slice(start, old.length - end), wanted.slice(start, wanted.length - end));
  const kept = longestIncreasing(targets);
  const keptTargets = new Set([...kept].map((index) => targets[index]));
  const removed = targets.flatMap((_, index) => (kept.has(index) ? [] : [index + start]));
  const inserted: number[] = [];
  for (let index = start; index < wanted.length - end; index++)
    if (!keptTargets.has(index - start)) inserted.push(index);
  return { removed, inserted };
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function commonEnd(a: readonly string[], b: readonly string[], start: number): number {
  const most = Math.min(a.length, b.length) - start;
  let length = 0;
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length;
}

/** For each old item the index of its partner among the wanted ones, or undefined. */
function pair(old: readonly string[], wanted: readonly string[]): (number | undefined)[] {
  const places = new Map<string, number[]>();
  for (let index = wanted.length - 1; index >= 0; index--) {
    const text = wanted[index] ?? '';
    const indices = places.get(text);
    if (indices) indices.push(index);
    else places.set(text, [index]);
  }
  return old.map((text) => places.get(text)?.pop());
}

/** Indices of a longest increasing subsequence; undefined values are never part of it. */
export function longestIncreasing(values: readonly (number | undefined)[]): Set<number> {
  const tails: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [index, value] of values.entries()) {
    before.push(undefined);
    if (value === undefined) continue;
    const at = lowerBound(tails, (tail) => (values[tail] ?? 0) < value);
    before[index] = tails[at - 1];
    tails[at] = index;
  }
  const kept = new Set<number>();
  for (let index = tails.at(-1); index !== undefined; index = before[index]) kept.add(index);
  return kept;
}

function lowerBound(sorted: readonly number[], isBefore: (item: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
