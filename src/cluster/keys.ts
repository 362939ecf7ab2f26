/** The keys of the cluster's records, as paths below `<prefix>/seaway/v1/`. Pure. */

/** The folder of this version of the layout, below the user's prefix. */
export const root = 'seaway/v1';

/** Those with a record for each endpoint. */
const long = ['endpoints', 'addresses'];
const digits = [...'0123456789abcdef'];

/** Beginnings of keys, of which each key of a record has one. What follows the long ones is the id of a network. */
export const parts: readonly string[] = [
  ...['state', 'turns', 'nodes', 'live', 'networks', 'names', 'vnis'].map((folder) => `${folder}/`),
  ...long.flatMap((folder) => digits.map((digit) => `${folder}/${digit}`)),
];

/** What a key stands for. */
export type Place =
  | { readonly kind: 'epoch' | 'level' | 'turn' }
  | { readonly kind: 'node' | 'live'; readonly node: string }
  | { readonly kind: 'network'; readonly network: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'vni'; readonly vni: string }
  | { readonly kind: 'endpoint'; readonly network: string; readonly endpoint: string }
  | { readonly kind: 'address'; readonly network: string; readonly address: string };

/** A segment may not contain a slash, and ZooKeeper allows no node named `.` or `..`. */
const escaped = (name: string): string => encodeURIComponent(name).replaceAll('.', '%2E');

export const keys = {
  /** A random id, new after the store was wiped or restored. */
  epoch: 'state/epoch',
  /** The format that all nodes can read. */
  level: 'state/level',
  /** Changed by each creation of a network, so that two hosts cannot choose pools at the same time. */
  turn: 'turns/networks',
  node: (id: string): string => `nodes/${id}`,
  /** Exists while the node's session does. */
  live: (id: string): string => `live/${id}`,
  network: (id: string): string => `networks/${id}`,
  name: (name: string): string => `names/${escaped(name)}`,
  vni: (vni: number): string => `vnis/${vni}`,
  endpoint: (network: string, id: string): string => `endpoints/${network}/${id}`,
  endpointsOf: (network: string): string => `endpoints/${network}`,
  /** `address` without prefix length. */
  address: (network: string, address: string): string => `addresses/${network}/${address}`,
} as const;

const id = /^[0-9a-f]{64}$/;

/** Undefined for a key that is unknown to this version. Most keys lie in the folder of a network. */
export function placeOf(key: string): Place | undefined {
  const slash = key.indexOf('/');
  const next = key.indexOf('/', slash + 1);
  const folder = key.slice(0, slash);
  if (next < 0) return placeAlone(folder, key.slice(slash + 1));
  if (key.indexOf('/', next + 1) >= 0) return undefined;
  return placeIn(folder, key.slice(slash + 1, next), key.slice(next + 1));
}

function placeAlone(folder: string, first: string): Place | undefined {
  if (folder === 'state') return first === 'epoch' || first === 'level' ? { kind: first } : undefined;
  if (folder === 'turns') return first === 'networks' ? { kind: 'turn' } : undefined;
  if (folder === 'nodes' && id.test(first)) return { kind: 'node', node: first };
  if (folder === 'live' && id.test(first)) return { kind: 'live', node: first };
  if (folder === 'networks' && id.test(first)) return { kind: 'network', network: first };
  if (folder === 'names') return { kind: 'name', name: first };
  if (folder === 'vnis') return { kind: 'vni', vni: first };
  return undefined;
}

/** For keys in the folder of a network. */
function placeIn(folder: string, network: string, second: string): Place | undefined {
  if (!id.test(network)) return undefined;
  if (folder === 'endpoints' && id.test(second)) return { kind: 'endpoint', network, endpoint: second };
  if (folder === 'addresses') return { kind: 'address', network, address: second };
  return undefined;
}
