/** What an overlay network and its endpoints are made of on one host. */
import type { EndpointInput, NetworkMembers } from '../../model/driver.ts';
import type { Network } from '../../model/network.ts';
import { nodeHere } from '../../model/node.ts';
import type { Peer } from '../../model/peer.ts';
import { enabled, gatewayCidr, poolContaining, poolsOf } from '../../model/pools.ts';
import { tunnelEnds } from '../../model/tunnel.ts';
import { bare } from '../../net/address.ts';
import { families, familyOf } from '../../net/family.ts';
import { type NamespaceRef, networkNamespace } from '../../objects/namespace-ref.ts';
import type {
  AddressObject,
  Facts,
  FdbObject,
  KernelObject,
  NeighbourObject,
  RouteObject,
  SysctlObject,
  VethLink,
} from '../../objects/object.ts';
import { endpointOwner, markedMac, networkOwner } from '../../objects/owner.ts';
import { planInside } from '../inside.ts';
import { planMesh } from './mesh.ts';

const bridge = 'br0';
const tunnel = 'vxlan0';

/** Nothing without an endpoint here: a host has only what its own containers need. */
export function planOverlay(
  network: Network,
  facts: Facts,
  { endpoints = 0, peers = [], nodes = [], mesh }: NetworkMembers = {},
): readonly KernelObject[] {
  const here = nodeHere(nodes);
  const { overlay } = network;
  if (network.ingress && mesh) return planMesh(network, facts, { nodes, mesh });
  if (!overlay || !here || endpoints === 0) return [];
  const ns = networkNamespace(network.id);
  const common = { kind: 'link', ns, owner: networkOwner(network.id), mtu: overlay.mtu } as const;
  const { port, of: ends } = tunnelEnds({ nodes, encrypted: overlay.encrypted });
  const [vni = 0] = overlay.vnis;
  const local = ends.get(here.id) ?? '';
  return [
    { kind: 'namespace', ns },
    ...planSysctls(network, ns, facts),
    { ...common, type: 'bridge', name: bridge, mac: markedMac('network', network.id) },
    { ...common, type: 'vxlan', name: tunnel, vni, port, local, proxy: true, master: bridge },
    ...gateways(network, ns),
    ...planPeers({ network, peers }, { ns, ends }),
  ];
}

function planSysctls(network: Network, ns: NamespaceRef, facts: Facts): readonly SysctlObject[] {
  const values: Record<string, string> = {
    // no rule is asked about frames; each namespace has these switches, and they begin as 1
    ...(facts.bridgeNetfilter && {
      'net/bridge/bridge-nf-call-arptables': '0',
      'net/bridge/bridge-nf-call-iptables': '0',
      'net/bridge/bridge-nf-call-ip6tables': '0',
    }),
    // there is one network in here, so that only its own subnets are forwarded between
    'net/ipv4/ip_forward': poolsOf(network, 4).length > 1 ? '1' : '0',
    ...(facts.ipv6 && {
      'net/ipv6/conf/default/disable_ipv6': '1',
      'net/ipv6/conf/all/forwarding': poolsOf(network, 6).length > 1 ? '1' : '0',
      ...(network.enableIPv6 && { ...withIPv6(bridge), ...withIPv6(tunnel) }),
    }),
  };
  return Object.entries(values).map(([key, value]) => ({ kind: 'sysctl', ns, key, value }));
}

/** A link has its permanent neighbours only with IPv6. It needs no address but the gateway's, which each host has. */
const withIPv6 = (link: string): Readonly<Record<string, string>> => ({
  [`net/ipv6/conf/${link}/addr_gen_mode`]: '1',
  [`net/ipv6/conf/${link}/accept_ra`]: '0',
  [`net/ipv6/conf/${link}/accept_dad`]: '0',
  [`net/ipv6/conf/${link}/disable_ipv6`]: '0',
});

const gateways = (network: Network, ns: NamespaceRef): readonly AddressObject[] =>
  families.flatMap((family) =>
    enabled(network, family)
      ? poolsOf(network, family).flatMap((pool) => {
          const address = gatewayCidr(pool);
          return address ? [{ kind: 'address', ns, link: bridge, address } as const] : [];
        })
      : [],
  );

/** An entry of the MAC 00:00:00:00:00:00, or of a group, would send on what is for nobody. */
const isOne = (mac: string): boolean =>
  (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0 && mac !== '00:00:00:00:00:00';

/**
 * One entry for each MAC and each address. Where records of two peers claim the same, the one with the lower id has
 * it, on every host; nobody has the gateway's.
 */
function planPeers(
  { network, peers }: { readonly network: Network; readonly peers: readonly Peer[] },
  { ns, ends }: { readonly ns: NamespaceRef; readonly ends: ReadonlyMap<string, string> },
): readonly KernelObject[] {
  const at = { ns, link: tunnel };
  const fdb = new Map<string, FdbObject>();
  const neighbours = new Map<string, NeighbourObject>();
  const gateways = new Set(network.ipam.pools.map(({ gateway }) => gateway));
  for (const { mac, nodeId, addresses } of peers.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const to = ends.get(nodeId);
    if (to === undefined || fdb.has(mac) || !isOne(mac)) continue;
    fdb.set(mac, { kind: 'fdb', ...at, mac, to });
    for (const address of addresses.map(bare))
      if (!neighbours.has(address) && !gateways.has(address))
        neighbours.set(address, { kind: 'neighbour', ...at, address, mac });
  }
  // where frames go is known before anybody is told the MAC
  return [...fdb.values(), ...neighbours.values()];
}

/** A veth pair from the network's bridge into the sandbox, and what the inside has. */
export function planOverlayPort(place: EndpointInput): readonly KernelObject[] {
  const { network, endpoint, sandbox } = place;
  const pair: VethLink = {
    kind: 'link',
    type: 'veth',
    ns: networkNamespace(network.id),
    name: endpoint.hostLink,
    owner: endpointOwner(endpoint.id),
    mtu: network.overlay?.mtu ?? 0,
    mac: markedMac('endpoint', endpoint.id),
    master: bridge,
    hairpin: false,
    isolated: false,
    peer: { ns: sandbox.id, name: endpoint.ifname, mac: endpoint.mac },
  };
  const inside = planInside(place, { byDevice: false, acceptAdvertisements: false });
  return [pair, ...inside, ...otherSubnets(place)];
}

/** All subnets of the network are one segment. */
function otherSubnets({ network, endpoint, sandbox }: EndpointInput): readonly RouteObject[] {
  const own = new Set(endpoint.addresses.map((address) => poolContaining(network, address)?.subnet));
  const has = new Set(endpoint.addresses.map(familyOf));
  return network.ipam.pools
    .filter(({ subnet }) => has.has(familyOf(subnet)) && !own.has(subnet))
    .map(({ subnet }) => ({
      ...{ kind: 'route', ns: sandbox.id, destination: subnet, link: endpoint.ifname, gateway: '' },
    }));
}
