/** Kernel objects of a bridge network and of its endpoints. */

import type { EndpointInput, NetworkMembers } from '../../model/driver.ts';
import type { Network } from '../../model/network.ts';
import { enabled, gatewayCidr, poolsOf } from '../../model/pools.ts';
import { type Family, families } from '../../net/family.ts';
import { mtuFollowing } from '../../net/mtu.ts';
import type {
  AddressObject,
  Facts,
  KernelObject,
  MacvlanLink,
  SysctlObject,
  VethLink,
} from '../../objects/object.ts';
import { endpointOwner, markedMac, networkOwner } from '../../objects/owner.ts';
import { planInside } from '../inside.ts';
import { planFanout } from './fanouts.ts';
import { type BridgeOptions, isHostOn } from './options.ts';

type BridgeNetwork = Network<BridgeOptions>;

/** `br-` and 12 digits of the id, or the name that was asked for. */
export const bridgeName = (networkId: string, options: BridgeOptions): string =>
  options.name || `br-${networkId.slice(0, 12)}`;

/** Without br_netfilter the firewall does not see traffic within a bridge, so icc=false isolates its ports. */
const isIsolated = (options: BridgeOptions, facts: Facts): boolean => !options.icc && !facts.bridgeNetfilter;

const mtuOf = ({ parsed, enableIPv6 }: BridgeNetwork, facts: Facts): number =>
  parsed.driver.mtu || mtuFollowing(facts.uplinkMtu, enableIPv6);

/** The bridge, its addresses and sysctls. */
export function planBridge(
  network: BridgeNetwork,
  facts: Facts,
  { fanouts = [] }: NetworkMembers = {},
): readonly KernelObject[] {
  const options = network.parsed.driver;
  const name = network.link;
  return [
    {
      kind: 'link',
      type: 'bridge',
      ns: 'host',
      name,
      owner: networkOwner(network.id),
      mtu: mtuOf(network, facts),
      // without a fixed MAC address a bridge has the lowest of its ports', which changes as they come and go
      // (net/bridge/br_stp_if.c), and neighbours' caches would go stale
      mac: markedMac('network', network.id),
    },
    ...fanouts.flatMap((fanout) => {
      const trunk = { bridge: name, mtu: mtuOf(network, facts), isolated: isIsolated(options, facts), facts };
      return planFanout(network, fanout, trunk);
    }),
    ...bridgeSysctls(network, { name, options, facts }),
    ...families.flatMap((family) => gatewayAddresses(network, { name, options, family })),
  ];
}

interface Bridge {
  readonly name: string;
  readonly options: BridgeOptions;
}

function gatewayAddresses(network: Network, bridge: Bridge & { readonly family: Family }): AddressObject[] {
  const { name, options, family } = bridge;
  if (!enabled(network, family) || !isHostOn(options, family)) return [];
  return poolsOf(network, family).flatMap((pool) => {
    const address = gatewayCidr(pool);
    return address ? [{ kind: 'address', ns: 'host', link: name, address }] : [];
  });
}

function bridgeSysctls(network: Network, bridge: Bridge & { readonly facts: Facts }): SysctlObject[] {
  const { name, options, facts } = bridge;
  const values: Record<string, string> = {};
  // lets ports published on 127.0.0.1 be forwarded to the bridge without a proxy
  if (network.enableIPv4 && !network.internal) values[`net/ipv4/conf/${name}/route_localnet`] = '1';
  if (facts.ipv6) {
    values[`net/ipv6/conf/${name}/disable_ipv6`] = network.enableIPv6 ? '0' : '1';
    // a container's router advertisements must not configure the host (CVE-2020-13401)
    values[`net/ipv6/conf/${name}/accept_ra`] = '0';
    if (network.enableIPv6) values[`net/ipv6/conf/${name}/forwarding`] = '1';
  }
  if (!options.icc && facts.bridgeNetfilter) {
    if (network.enableIPv4) values['net/bridge/bridge-nf-call-iptables'] = '1';
    if (network.enableIPv6) values['net/bridge/bridge-nf-call-ip6tables'] = '1';
  }
  return Object.entries(values).map(([key, value]) => ({ kind: 'sysctl', ns: 'host', key, value }));
}

/** A veth pair from the bridge into the sandbox, or a macvlan on a fanout, and the inside of the interface. */
export function planPort(input: EndpointInput<BridgeOptions>): readonly KernelObject[] {
  const { network, endpoint, facts } = input;
  const inside = planInside(input, { byDevice: false, acceptAdvertisements: false });
  if (endpoint.fanout !== undefined) return [onFanout(input, endpoint.fanout), ...inside];
  const hostEnd: SysctlObject[] = facts.ipv6
    ? // a port needs no link-local address, nor the multicast reports and solicitations that come with one
      [{ kind: 'sysctl', ns: 'host', key: `net/ipv6/conf/${endpoint.hostLink}/disable_ipv6`, value: '1' }]
    : [];
  return [pair(input, network.link), ...hostEnd, ...inside];
}

const onFanout = (
  { network, endpoint, sandbox, facts }: EndpointInput<BridgeOptions>,
  parent: string,
): MacvlanLink => ({
  kind: 'link',
  type: 'macvlan',
  ns: sandbox.id,
  name: endpoint.ifname,
  owner: endpointOwner(endpoint.id),
  mtu: mtuOf(network, facts),
  mac: endpoint.mac,
  parent,
  mode: 'vepa',
});

function pair({ network, endpoint, sandbox, facts }: EndpointInput<BridgeOptions>, master: string): VethLink {
  return {
    kind: 'link',
    type: 'veth',
    ns: 'host',
    name: endpoint.hostLink,
    owner: endpointOwner(endpoint.id),
    mtu: mtuOf(network, facts),
    mac: markedMac('endpoint', endpoint.id),
    master,
    // lets a container reach its own published port through the host
    hairpin: true,
    isolated: isIsolated(network.parsed.driver, facts),
    peer: { ns: sandbox.id, name: endpoint.ifname, mac: endpoint.mac },
  };
}
