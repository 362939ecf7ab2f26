/**
 * What follows from an object is worked out once for it and forgotten with it, so that of 10,000 networks only those
 * are planned again that are new.
 *
 * The invariant that makes this right: a result depends on the first argument alone, or on what belongs to it for
 * as long as it exists. Records and rules never change; a `Bridge` belongs to one family and one set of settings
 * (`readFamilyInput` keeps them apart by key). A property test compares with plans that remember nothing.
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

/** An object with room for what follows from it: faster than a map. */
export interface Remembering {
  readonly memory: unknown[];
}

/** One place in `memory` for each function that `onceEach` has made, at the loading of its module. */
let slots = 0;

/** As `once`, in the object's own memory. The arguments after the first must belong to it (see above). */
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

/** Candidates of a walk side by side: all that is missing, and what has moved. */
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
 * Lists made item by item from other lists. Where a list begins and ends as the one of that name before, only its
 * middle is made again: `make` must give the same for the same item.
 */
export class Lists {
  readonly #known = new Map<string, Made>();

  /** `name` stands for both the list and `make`. */
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
