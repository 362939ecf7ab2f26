/** The routing mesh on one host: the link to the other nodes, the ways back by node, and the rules (`mesh-rules.ts`). */
import type { MeshMembers } from '../../model/driver.ts';
import {
  meshAddress,
  meshLink,
  meshMac,
  meshMark,
  meshMask,
  meshNumber,
  meshPriority,
  meshTable,
} from '../../model/mesh.ts';
import type { Network } from '../../model/network.ts';
import { knownAddresses, type Node, nodeHere } from '../../model/node.ts';
import { tunnelEnds } from '../../model/tunnel.ts';
import { blockOfOne } from '../../net/address.ts';
import { families } from '../../net/family.ts';
import type { Facts, KernelObject, SysctlObject } from '../../objects/object.ts';
import { networkOwner } from '../../objects/owner.ts';
import { meshRuleset } from './mesh-rules.ts';

/** Of the ingress network, on each node that has a number. */
export function planMesh(
  network: Network,
  facts: Facts,
  { nodes, mesh }: { readonly nodes: readonly Node[]; readonly mesh: MeshMembers },
): readonly KernelObject[] {
  const here = nodeHere(nodes);
  const number = here && meshNumber(here);
  const { overlay } = network;
  if (!overlay || !here || number === undefined) return [];
  const { port, of: ends } = tunnelEnds({ nodes, encrypted: false });
  const [vni = 0] = overlay.vnis;
  const owner = networkOwner(network.id);
  const shape = { mtu: overlay.mtu, mac: meshMac(number), master: '' };
  const used = families.filter((family) => family === 4 || facts.ipv6);
  const others = nodes.flatMap((node) => {
    const [to, numbered] = [ends.get(node.id), meshNumber(node)];
    if (node.here || to === undefined || numbered === undefined) return [];
    const own = used.flatMap((family) => knownAddresses(node, family));
    return [{ to, number: numbered, own }];
  });
  return [
    {
      ...{ kind: 'link', type: 'vxlan', ns: 'host', name: meshLink, owner, ...shape },
      ...{ vni, port, local: ends.get(here.id) ?? '' },
    },
    ...planSysctls(facts),
    ...used.map((family): KernelObject => {
      const address = blockOfOne(meshAddress(number, family));
      return { kind: 'address', ns: 'host', link: meshLink, address };
    }),
    ...others.flatMap(({ to, number }): KernelObject[] => [
      { kind: 'fdb', ns: 'host', link: meshLink, mac: meshMac(number), to },
      ...used.flatMap((family) => wayTo(number, family)),
    ]),
    meshRuleset({
      ...{ number, others: others.map((one) => one.number), mesh, families: used },
      own: new Map(others.map((one) => [one.number, one.own])),
    }),
  ];
}

/** Packets for the node, and those that go back by it to who came by it. */
function wayTo(number: number, family: 4 | 6): readonly KernelObject[] {
  const address = meshAddress(number, family);
  const at = { ns: 'host', link: meshLink } as const;
  const mark = { mark: meshMark(number), mask: meshMask };
  return [
    { kind: 'neighbour', ...at, address, mac: meshMac(number) },
    { kind: 'route', ...at, destination: blockOfOne(address), gateway: '' },
    {
      ...{ kind: 'policy', ...at, family, priority: meshPriority, ...mark },
      ...{ table: meshTable(number), gateway: address },
    },
  ];
}

/**
 * A client's packets come by the mesh, and not by the link that leads to the client. Connections of the host to its own
 * 127.0.0.1 are sent on to tasks; the bridge driver sees to that for tasks of this node.
 */
function planSysctls(facts: Facts): readonly SysctlObject[] {
  const values: Record<string, string> = {
    // the greater one of this and that of all links counts; 2 drops what has no way back at all
    [`net/ipv4/conf/${meshLink}/rp_filter`]: facts.reversePathFilter ? '2' : '0',
    [`net/ipv4/conf/${meshLink}/route_localnet`]: '1',
    ...(facts.ipv6 && {
      [`net/ipv6/conf/${meshLink}/addr_gen_mode`]: '1',
      [`net/ipv6/conf/${meshLink}/accept_ra`]: '0',
    }),
  };
  return Object.entries(values).map(([key, value]) => ({ kind: 'sysctl', ns: 'host', key, value }));
}
