/** What a request means: nothing in its many forms is left out, and lists whose order is chance are sorted. */
import type { Request } from './engine.ts';

const isNothing = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0);

// docker keeps these in maps for a while.
const unordered = new Set(['Env', 'Ports', 'GenericResources', 'Secrets', 'Configs']);
// Which of them is there says what a service is.
const telling = new Set(['Mode', 'Configs', 'Labels', 'Sysctls', 'DriverOpts']);

export function meaning(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => meaning(item, key));
    return unordered.has(key)
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [
    name,
    meaning(inner, name),
  ]);
  return Object.fromEntries(
    entries.filter(([, inner]) =>
      telling.has(key) ? inner !== undefined && inner !== null : !isNothing(inner),
    ),
  );
}

/** Requests in the order in which they come; of those that are repeated while waiting, one. */
export function meaningOf(requests: readonly Request[]): unknown[] {
  const texts = requests.map(({ body, ...rest }) => JSON.stringify({ ...rest, body: meaning(body) }));
  return [...new Set(texts)].map((text) => JSON.parse(text) as unknown);
}
