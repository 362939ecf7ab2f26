/** Where each record of the cluster lies in its store, as paths below `<prefix>/seaway/v1/`. Pure. */

/** The folder of this version of the layout, below the prefix that the user names. */
export const root = 'seaway/v1';

/** What a key of the layout is of. */
export type Place =
  | { readonly kind: 'epoch' | 'level' | 'turn' }
  | { readonly kind: 'node' | 'live'; readonly node: string }
  | { readonly kind: 'network'; readonly network: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'vni'; readonly vni: string }
  | { readonly kind: 'endpoint'; readonly network: string; readonly endpoint: string }
  | { readonly kind: 'address'; readonly network: string; readonly address: string };

/** A segment may not hold a slash, and ZooKeeper has no node of the name `.` or `..`. */
const escaped = (name: string): string => encodeURIComponent(name).replaceAll('.', '%2E');

export const keys = {
  /** A random id of the cluster's state. */
  epoch: 'state/epoch',
  /** The format that all nodes write. */
  level: 'state/level',
  /** Changed by everyone who makes a network, so that two of them cannot choose pools at once. */
  turn: 'turns/networks',
  node: (id: string): string => `nodes/${id}`,
  /** There while the node's session is. */
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

/** undefined for a key that this version does not know. */
export function placeOf(key: string): Place | undefined {
  const [folder = '', first = '', second, ...rest] = key.split('/');
  if (rest.length > 0) return undefined;
  if (second !== undefined) return placeIn(folder, first, second);
  if (folder === 'state') return first === 'epoch' || first === 'level' ? { kind: first } : undefined;
  if (folder === 'turns') return first === 'networks' ? { kind: 'turn' } : undefined;
  if (folder === 'nodes' && id.test(first)) return { kind: 'node', node: first };
  if (folder === 'live' && id.test(first)) return { kind: 'live', node: first };
  if (folder === 'networks' && id.test(first)) return { kind: 'network', network: first };
  if (folder === 'names') return { kind: 'name', name: first };
  if (folder === 'vnis') return { kind: 'vni', vni: first };
  return undefined;
}

/** Of what a network has, by its id. */
function placeIn(folder: string, network: string, second: string): Place | undefined {
  if (!id.test(network)) return undefined;
  if (folder === 'endpoints' && id.test(second)) return { kind: 'endpoint', network, endpoint: second };
  if (folder === 'addresses') return { kind: 'address', network, address: second };
  return undefined;
}
