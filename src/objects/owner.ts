/**
 * Marks of ownership: the alias of a link (IFLA_IFALIAS, at most 255 bytes).
 *
 * Linux ignores an alias given when a link is made (rtnl_create_link), so a link left by a crash between the two
 * steps has none. Its name and MAC address are set from the start; on the host both derive from the same id, which
 * tells the owner.
 */

export interface Owner {
  readonly scope: 'network' | 'endpoint';
  readonly id: string;
  /** The name on the host of an adopted link. */
  readonly from?: string;
}

const prefix = 'seaway:';

export const networkOwner = (networkId: string): string => `${prefix}network:${networkId}`;
export const endpointOwner = (endpointId: string): string => `${prefix}endpoint:${endpointId}`;

/** Alias of an adopted link; `from` is its name on the host. */
export const adoptedOwner = (endpointId: string, from: string): string =>
  `${endpointOwner(endpointId)}:${from}`;

/** Whether an alias marks a link as the engine's. */
export const isOurs = (alias: string): boolean => alias.startsWith(prefix);

/** The owner in an alias; undefined where the alias is not the engine's. */
export function parseOwner(alias: string): Owner | undefined {
  const [, scope, id, from] = /^seaway:(network|endpoint):([0-9a-z]+)(?::([^:]+))?$/.exec(alias) ?? [];
  if (id === undefined || (scope !== 'network' && scope !== 'endpoint')) return undefined;
  if (from === undefined) return { scope, id };
  return scope === 'endpoint' ? { scope, id, from } : undefined;
}

/** First bytes of the MAC addresses of links on the host. */
const macPrefixes = { network: '02:42', endpoint: '02:5e' } as const;

/** The MAC address of a network's bridge, or of the host end of an endpoint's pair. */
export const markedMac = (scope: Owner['scope'], id: string): string =>
  [macPrefixes[scope], ...(hexOf(id).match(/../g) ?? [])].join(':');

/** Eight hex digits: an id begins with them, unless it is a swarm's, which has digits of base 36. */
function hexOf(id: string): string {
  const first = id.slice(0, 8);
  if (/^[0-9a-f]*$/.test(first)) return first;
  return (Number.parseInt(first, 36) % 2 ** 32).toString(16).padStart(8, '0');
}

/** The MAC address of both ends of the pair that is a fanout of a network's bridge, by its number from 1. */
export const fanoutMac = (networkId: string, number: number): string =>
  [`02:${(0x60 + number).toString(16)}`, ...(networkId.slice(0, 8).match(/../g) ?? [])].join(':');

/**
 * Whether name and MAC address of a link on the host derive from the same id. Drivers name a network's link `xx-` and
 * 12 digits of its id, or 11 digits and a character for one of several, and an endpoint's link `xxxx` and 11 digits.
 */
export function isMarked({ name, mac }: { readonly name: string; readonly mac: string }): boolean {
  const [, network, last = ''] = /^[a-z]{2,3}-([0-9a-f]{11})([0-9a-z])$/.exec(name) ?? [];
  if (network !== undefined)
    return mac === markedMac('network', network) || mac === fanoutMac(network, Number.parseInt(last, 36));
  const [, endpoint] = /^[a-z]{2,4}([0-9a-f]{11})$/.exec(name) ?? [];
  return endpoint !== undefined && mac === markedMac('endpoint', endpoint);
}
