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
