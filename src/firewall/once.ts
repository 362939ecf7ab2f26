/**
 * Caches of results per object, dropped with the object, so that of 10,000 networks only new ones are planned.
 *
 * Invariant: a result depends only on the first argument, or on values that belong to it for as long as it exists.
 * Records and rules are immutable; a `Bridge` belongs to one family and one set of settings (`readFamilyInput`
 * separates them by key). A property test compares with plans made without caches.
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

/** An object with room for cached results, which is faster than a map. */
export interface Remembering {
  readonly memory: unknown[];
}

/** Index into `memory` for the next function made by `onceEach`, when its module is loaded. */
let slots = 0;

/** As `once`, but cached in the object itself. The arguments after the first must belong to it (see above). */
export function onceEach<K extends Remembering, A extends readonly unknown[], T extends object>(
  make: (key: K, ...more: A) => T,
): (key: K, ...more: A) => T {
  const slot = slots++;
  return (key, ...more) => {
    key.memory[slot] ??= make(key, ...more);
    return key.memory[slot] as T;
  };
}

/** Lengths of the common start and the common end of two lists. */
export function alike<T>(a: readonly T[], b: readonly T[]): { readonly start: number; readonly end: number } {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return { start, end };
}

/** How far to look ahead for the next equal item. */
const ahead = 16;

/** Set difference, fast for nearly equal lists. */
export function notIn<T>(some: readonly T[], others: readonly T[]): readonly T[] {
  const candidates = differing(some, others);
  if (candidates.length === 0) return [];
  if (candidates.length <= ahead) return candidates.filter((one) => !others.includes(one));
  const all = new Set(others);
  return candidates.filter((one) => !all.has(one));
}

/** Walks both lists in parallel; returns items that are missing from the second list or have moved. */
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

/**
 * Caches of mapped lists by name. Results for the common start and end with the previous list are reused, so
 * `make` must give the same result for the same item.
 */
export class Lists {
  readonly #known = new Map<string, Made>();

  /** `name` identifies both the list and `make`. */
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
