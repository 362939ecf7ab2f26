/** What is chosen once for all hosts of an overlay network: its VXLAN identifier and its MTU. */
import { fail } from '../../errors.ts';
import type { RequestContext } from '../../model/driver.ts';
import type { CompleteRequest, Network, Overlay } from '../../model/network.ts';
import { type Node, nodeHere } from '../../model/node.ts';
import { secureEnds } from '../../model/secure-tunnels.ts';
import { carriedBy } from '../../model/tunnel.ts';
import { leastMtuOfIPv6 } from '../../net/mtu.ts';
import { lastVni, type OverlayOptions } from './options.ts';

/** Docker's: identifiers below are left to other programs. */
const firstOfStores = 256;

/** Throws NETWORK_CONFLICT without a cluster, and NETWORK_OPTION_INVALID. */
export function chooseOverlay(
  request: CompleteRequest<OverlayOptions>,
  { networks, nodes = [], firstVni = firstOfStores }: RequestContext,
): Overlay {
  const { mtu, vnis, encrypted } = request.parsed.driver;
  const all = [...nodes];
  // Docker refuses a network with another status than other requests
  if (!nodeHere(all)) throw fail('NETWORK_CONFLICT', fail('NOT_SWARM_MANAGER').message);
  if (encrypted) refuseWithoutKeys(all);
  const taken = vnisOf(networks);
  const other = vnis.find((vni, i) => taken.has(vni) || vnis.indexOf(vni) !== i);
  if (other !== undefined)
    throw fail(
      'NETWORK_CONFLICT',
      `could not assign vxlan id ${other} to network ${request.name}: it is in use`,
    );
  const subnets = request.ipam.pools.length;
  if (vnis.length > 0 && vnis.length < subnets)
    throw fail('NETWORK_OPTION_INVALID', `insufficient vnis(${vnis.length}) passed to overlay`);
  return {
    vnis: vnis.length > 0 ? vnis : [freeVni(taken, firstVni)],
    mtu: chooseMtu(mtu, { nodes: all, encrypted, ipv6: request.enableIPv6 ?? false }),
    encrypted,
  };
}

function refuseWithoutKeys(nodes: readonly Node[]): void {
  const ends = secureEnds(nodes);
  const without = nodes.find(({ id }) => !ends.has(id));
  if (without)
    throw fail(
      'NETWORK_CONFLICT',
      `an encrypted network needs a WireGuard key of each host, and ${without.name} has none`,
    );
}

const vnisOf = (networks: Iterable<Network>): ReadonlySet<number> =>
  new Set(Array.from(networks).flatMap(({ overlay }) => overlay?.vnis ?? []));

function freeVni(taken: ReadonlySet<number>, from: number): number {
  for (let vni = from; vni <= lastVni; vni++) if (!taken.has(vni)) return vni;
  throw fail('NETWORK_CONFLICT', 'no vxlan id is left');
}

/** A bridge tells nobody that a packet is too big for another host: all of them have the same MTU. */
function chooseMtu(
  asked: number,
  { ipv6, ...between }: Parameters<typeof carriedBy>[1] & { readonly ipv6: boolean },
): number {
  const carried = Math.min(...between.nodes.map((node) => carriedBy(node, between)));
  if (asked > carried)
    throw fail(
      'NETWORK_OPTION_INVALID',
      `invalid MTU value: ${asked}: the hosts' data paths carry ${carried}`,
    );
  if (ipv6 && carried < leastMtuOfIPv6)
    throw fail(
      'NETWORK_OPTION_INVALID',
      `the hosts' data paths carry ${carried}, and IPv6 needs at least 1280`,
    );
  return asked || carried;
}
