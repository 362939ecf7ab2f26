/**
 * What follows from an object alone is worked out once for it, and forgotten with it: records do not change, so
 * that of 10,000 networks only those are planned anew that are new.
 */
export function once<K extends object, A extends readonly unknown[], T>(
  make: (key: K, ...more: A) => T,
): (key: K, ...more: A) => T {
  const known = new WeakMap<K, { readonly value: T }>();
  return (key, ...more) => {
    const before = known.get(key);
    if (before) return before.value;
    const value = make(key, ...more);
    known.set(key, { value });
    return value;
  };
}

/** An object with room for what follows from it, which is found sooner there than in a map. */
export interface Remembering {
  readonly memory: unknown[];
}

let slots = 0;

export function onceEach<K extends Remembering, A extends readonly unknown[], T extends object>(
  make: (key: K, ...more: A) => T,
): (key: K, ...more: A) => T {
  const slot = slots++;
  return (key, ...more) => {
    key.memory[slot] ??= make(key, ...more);
    return key.memory[slot] as T;
  };
}

/** Where two lists begin and end alike, item by item: the length of either. */
export function alike<T>(a: readonly T[], b: readonly T[]): { readonly start: number; readonly end: number } {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return { start, end };
}

/** How far is looked ahead for where two lists are alike again. */
const ahead = 16;

/** Those of `some` that are not among the others; quick where the two lists are mostly alike. */
export function notIn<T>(some: readonly T[], others: readonly T[]): readonly T[] {
  const candidates = differing(some, others);
  if (candidates.length === 0) return [];
  if (candidates.length <= ahead) return candidates.filter((one) => !others.includes(one));
  const all = new Set(others);
  return candidates.filter((one) => !all.has(one));
}

/** What of `some` is passed over when the two are walked side by side: all that is missing, and what has moved. */
function differing<T>(some: readonly T[], others: readonly T[]): readonly T[] {
  const passed: T[] = [];
  let at = 0;
  for (let i = 0; i < some.length; i++) {
    const one = some[i] as T;
    if (others[at] === one) at++;
    else {
      const further = others.slice(at, at + ahead).indexOf(one);
      if (further < 0) passed.push(one);
      else at += further + 1;
    }
  }
  return passed;
}

interface Made {
  readonly items: readonly unknown[];
  readonly results: readonly unknown[];
}

/** What is made of lists, item by item. Of a list that begins and ends as it did before only the middle is made. */
export class Lists {
  readonly #known = new Map<string, Made>();

  /** `name` stands for what is made of it, too. */
  of<T, R>(name: string, items: readonly T[], make: (item: T) => R): readonly R[] {
    const before = this.#known.get(name) ?? { items: [], results: [] };
    const { start, end } = alike<unknown>(before.items, items);
    const middle = items.slice(start, items.length - end).map(make);
    const old = before.results as readonly R[];
    const results = old.slice(0, start).concat(middle, old.slice(old.length - end));
    this.#known.set(name, { items, results });
    return results;
  }
}
