/** Calls as they are compared: ids by the order in which they appear, ports in one order. */
import type { RawCall } from '../../plugins/plugin-server.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Go gives maps in any order, and lists that were made from maps. */
function ordered(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((one) => ordered(one));
    return /exposedports|portmap/.test(key) ? items.map((one) => JSON.stringify(one)).sort() : items;
  }
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, ordered(value[name], name)]),
  );
}

/** A line for each call. `ids`: those that were seen before. */
export const callsOf = (calls: readonly RawCall[], ids: Map<string, string>): readonly string[] => {
  const known = (id: string): string => {
    const found = ids.get(id) ?? `ID${ids.size + 1}`;
    ids.set(id, found);
    return found;
  };
  return calls.map(({ method, asked }) => {
    const text = JSON.stringify(ordered(asked))
      .replaceAll(
        /"(NetworkID|EndpointID)":"([0-9a-f]{64})"/g,
        (_all, field: string, id: string) => `"${field}":"${known(id)}"`,
      )
      .replaceAll(/"SandboxKey":"[^"]*\/netns\/[0-9a-f]{12}"/g, '"SandboxKey":"NETNS"');
    return `  ${method} ${text}`;
  });
};

/** The first line, without a list in Docker's chance order. */
export const errorOf = (stderr: string): string =>
  (stderr.split('\n')[0] ?? '').replace(/ \(name:.*$/, ' (...)');
