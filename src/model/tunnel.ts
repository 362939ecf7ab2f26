/** Between which addresses the tunnels of this host run, and what fits through them. */

import type { Family } from '../net/family.ts';
import { dataAddress, dataPortOf, type Node, securePortOf, tunnelFamily } from './node.ts';
import { secureEnds } from './secure-tunnels.ts';

/** Headers around a frame: Ethernet 14, VXLAN 8, UDP 8, and IPv4 20 or IPv6 40. */
const headers: Readonly<Record<Family, number>> = { 4: 50, 6: 70 };

/** Those of WireGuard around a packet: 32, UDP 8, and IPv4 20 or IPv6 40. */
const secureHeaders: Readonly<Record<Family, number>> = { 4: 60, 6: 80 };

interface Between {
  readonly nodes: readonly Node[];
  /** By WireGuard, whose addresses are of IPv6. */
  readonly encrypted: boolean;
}

/** Bytes that a tunnel adds to a packet. */
export function tunnelOverhead({ nodes, encrypted }: Between): number {
  const family = tunnelFamily(nodes);
  return encrypted ? secureHeaders[family] + headers[6] : headers[family];
}

/** MTU of what a node can put into a tunnel. */
export const carriedBy = ({ mtu }: Pick<Node, 'mtu'>, between: Between): number =>
  mtu - tunnelOverhead(between);

export interface TunnelEnds {
  /** UDP port. */
  readonly port: number;
  /** Addresses by id of the node; without nodes that have none. */
  readonly of: ReadonlyMap<string, string>;
}

export function tunnelEnds({ nodes, encrypted }: Between): TunnelEnds {
  if (encrypted) return { port: securePortOf(nodes), of: secureEnds(nodes) };
  const family = tunnelFamily(nodes);
  const ends = nodes.map((node) => [node.id, dataAddress(node, family)] as const);
  return { port: dataPortOf(nodes), of: new Map(ends.filter(([, address]) => address !== '')) };
}
