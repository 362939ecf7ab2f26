/**
 * Ownership as it is written into the kernel: the alias of a link (IFLA_IFALIAS, at most 255 bytes).
 *
 * Linux takes no alias while it makes a link (rtnl_create_link), so that one that was left half-made by a
 * crash has none yet. Name and MAC address are there from the first moment: on the host they come
 * from one id, and so tell whose the link is.
 */

export interface Owner {
  readonly scope: 'network' | 'endpoint';
  readonly id: string;
  /** Name that the link had on the host before it was adopted. */
  readonly from?: string;
}

const prefix = 'seaway:';

export const networkOwner = (networkId: string): string => `${prefix}network:${networkId}`;
export const endpointOwner = (endpointId: string): string => `${prefix}endpoint:${endpointId}`;

/** Of a link that was moved from the host into an endpoint's sandbox, and goes back there. */
export const adoptedOwner = (endpointId: string, from: string): string =>
  `${endpointOwner(endpointId)}:${from}`;

/** Whether an alias says that the link is the engine's. */
export const isOurs = (alias: string): boolean => alias.startsWith(prefix);

/** Whose a link is; undefined for an alias that is not the engine's. */
export function parseOwner(alias: string): Owner | undefined {
  const [, scope, id, from] = /^seaway:(network|endpoint):([0-9a-f]+)(?::([^:]+))?$/.exec(alias) ?? [];
  if (id === undefined || (scope !== 'network' && scope !== 'endpoint')) return undefined;
  if (from === undefined) return { scope, id };
  return scope === 'endpoint' ? { scope, id, from } : undefined;
}

/** First bytes of the MAC addresses of links on the host, by what the id is of. */
const macPrefixes = { network: '02:42', endpoint: '02:5e' } as const;

/** The MAC address of a network's bridge, or of the host's end of an endpoint's pair. */
export const markedMac = (scope: Owner['scope'], id: string): string =>
  [macPrefixes[scope], ...(id.slice(0, 8).match(/../g) ?? [])].join(':');

/** The MAC address of both ends of the pair that is a fanout of a network's bridge, by its number from 1. */
export const fanoutMac = (networkId: string, number: number): string =>
  [`02:${(0x60 + number).toString(16)}`, ...(networkId.slice(0, 8).match(/../g) ?? [])].join(':');

/**
 * Whether name and MAC address of a link on the host come from one id. Drivers name a network's link `xx-` and 12
 * digits of its id, or 11 and a last character for one of several, and an endpoint's `xxxx` and 11 digits.
 */
export function isMarked({ name, mac }: { readonly name: string; readonly mac: string }): boolean {
  const [, network, last = ''] = /^[a-z]{2,3}-([0-9a-f]{11})([0-9a-z])$/.exec(name) ?? [];
  if (network !== undefined)
    return mac === markedMac('network', network) || mac === fanoutMac(network, Number.parseInt(last, 36));
  const [, endpoint] = /^[a-z]{2,4}([0-9a-f]{11})$/.exec(name) ?? [];
  return endpoint !== undefined && mac === markedMac('endpoint', endpoint);
}
