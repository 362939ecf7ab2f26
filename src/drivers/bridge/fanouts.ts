/**
 * Fanouts: how a network has more endpoints than a Linux bridge has ports (1,023: BR_MAX_PORTS of
 * net/bridge/br_private.h, port 0 being reserved).
 *
 * A fanout is one port of the bridge: a veth pair, `bp-…` the port and `bx-…` its other end. On that
 * end sit the further endpoints, as macvlans in mode `vepa` (IEEE 802.1Qbg): whatever one of them sends goes to
 * the bridge, and the bridge, whose port is a hairpin, sends back what is for another of them. So the one
 * bridge still sees and decides about every frame, by the same firewall rules and the same isolation of
 * ports as those of its other ports; and a broadcast that comes back is not given to who sent it.
 */
import { fail } from '../../errors.ts';
import type { Network } from '../../model/network.ts';
import type { Facts, KernelObject, SysctlObject, VethLink } from '../../objects/object.ts';
import { fanoutMac, networkOwner } from '../../objects/owner.ts';

/** Endpoints on the bridge itself: a few ports are left for fanouts and for what users put on it. */
export const ownPorts = 1000;
/** Endpoints on a fanout: as many, as one worker of the kernel copies broadcasts to all of them. */
export const perFanout = 1000;
const fanoutsAtMost = 20;

/** `bx-`, 11 digits of the network's id and one of the number: 15 characters, which is a link's limit. */
const fanoutName = (networkId: string, number: number): string =>
  `bx-${networkId.slice(0, 11)}${number.toString(36)}`;

const portName = (fanout: string): string => `bp-${fanout.slice(3)}`;

/**
 * Where the next endpoint goes: undefined for the bridge itself, else a fanout; always the first that has
 * room. Throws NETWORK_FULL.
 */
export function chooseFanout(network: Network, loads: ReadonlyMap<string, number>): string | undefined {
  if ((loads.get('') ?? 0) < ownPorts) return undefined;
  for (let number = 1; number <= fanoutsAtMost; number++) {
    const name = fanoutName(network.id, number);
    if ((loads.get(name) ?? 0) < perFanout) return name;
  }
  throw fail('NETWORK_FULL', network.name, ownPorts + fanoutsAtMost * perFanout);
}

export interface Trunk {
  readonly bridge: string;
  readonly mtu: number;
  /** Endpoints are kept apart, and no firewall sees what passes within the bridge. */
  readonly isolated: boolean;
  readonly facts: Facts;
}

/** The veth pair of one fanout, and what keeps the host out of it. */
export function planFanout(network: Network, fanout: string, trunk: Trunk): readonly KernelObject[] {
  const number = Number.parseInt(fanout.at(-1) ?? '', 36);
  const mac = fanoutMac(network.id, number);
  const port: VethLink = {
    kind: 'link',
    type: 'veth',
    ns: 'host',
    name: portName(fanout),
    owner: networkOwner(network.id),
    mtu: trunk.mtu,
    mac,
    master: trunk.bridge,
    hairpin: true,
    isolated: trunk.isolated,
    // both ends have the port's address, which the bridge takes for its own: no frame for it gets to the other
    // end, where the host would take it for one from outside of the network
    peer: { ns: 'host', name: fanout, mac },
  };
  return [port, ...closedToHost(port, trunk.facts)];
}

/** The fanout's end is on the host, but the host has no business there: what is for it comes by the bridge. */
function closedToHost({ name, peer }: VethLink, { ipv6 }: Facts): SysctlObject[] {
  const values: Record<string, string> = {
    // answer no ARP request at all
    [`net/ipv4/conf/${peer.name}/arp_ignore`]: '8',
    // and take nothing out of frames that reach everybody (RFC 1122, 3.3.6)
    [`net/ipv4/conf/${peer.name}/drop_unicast_in_l2_multicast`]: '1',
  };
  if (ipv6) for (const end of [name, peer.name]) values[`net/ipv6/conf/${end}/disable_ipv6`] = '1';
  return Object.entries(values).map(([key, value]) => ({ kind: 'sysctl', ns: 'host', key, value }));
}
