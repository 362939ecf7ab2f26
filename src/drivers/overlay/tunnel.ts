/** Between which addresses the tunnels of this host run, and what fits through them. */
import { dataAddress, type Node, tunnelFamily } from '../../model/node.ts';
import type { Family } from '../../net/family.ts';

/** Headers around a frame: Ethernet 14, VXLAN 8, UDP 8, and IPv4 20 or IPv6 40. */
const overhead: Readonly<Record<Family, number>> = { 4: 50, 6: 70 };

/** MTU of what a node can put into a tunnel. */
export const carriedBy = ({ mtu }: Pick<Node, 'mtu'>, nodes: Iterable<Node>): number =>
  mtu - overhead[tunnelFamily(nodes)];

/** Where tunnels end, by id of the node; without nodes that have no address of the family. */
export function tunnelEnds(nodes: readonly Node[]): ReadonlyMap<string, string> {
  const family = tunnelFamily(nodes);
  return new Map(
    nodes.flatMap((node) => {
      const address = dataAddress(node, family);
      return address ? [[node.id, address] as const] : [];
    }),
  );
}
