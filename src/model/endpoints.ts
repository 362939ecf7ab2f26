/** Endpoints: a sandbox's place in a network made, with its addresses, MAC address, and names. */
import { fail } from '../errors.ts';
import { bare, hostAddressText } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import { readMac } from '../net/mac.ts';
import type { Container } from './container.ts';
import type { EndpointShape, PreparedEndpoint, ShapeInput } from './driver.ts';
import type { Endpoint, EndpointSpec, Membership } from './endpoint.ts';
import { type EndpointOptions, parseEndpointOptions, parseSysctls } from './endpoint-options.ts';
import type { Generators } from './generators.ts';
import { leasesHere } from './leases.ts';
import type { Network } from './network.ts';
import { nodeHere } from './node.ts';
import { checkRates } from './rates.ts';
import type { Sandbox } from './sandbox.ts';
import { isShared } from './shared.ts';
import type { View } from './tables.ts';

/** Whom an endpoint is of. */
export interface Member {
  /** '' for a namespace that the engine did not make. */
  readonly containerId: string;
  readonly name: string;
  /** Names beyond its own and its aliases: short id, hostname. */
  readonly otherNames: readonly string[];
}

export const memberOf = ({ id, name, config }: Container): Member => ({
  containerId: id,
  name,
  otherNames: [id.slice(0, 12), config.Hostname],
});

export interface EndpointRequest {
  readonly member: Member;
  readonly network: Network;
  readonly spec: Membership;
  readonly sandbox: Sandbox;
  readonly siblings: readonly Endpoint[];
  /** Names of links that are in the namespace already. */
  readonly occupied?: readonly string[];
}

export interface EndpointContext {
  readonly generate: Generators;
  /** Endpoints prepared by their drivers, by network. */
  readonly prepared?: ReadonlyMap<string, PreparedEndpoint>;
}

/** A place in a network, all choices made. Throws in Docker's words. */
export function makeEndpoint(
  view: View,
  request: EndpointRequest,
  { generate, prepared }: EndpointContext,
): Endpoint {
  const { member, network, spec, sandbox, siblings, occupied = [] } = request;
  if (network.configOnly)
    throw fail('NETWORK_CONFLICT', 'cannot create endpoint on configuration-only network');
  if (network.parsed.invalid !== undefined)
    throw fail('OPTIONS_UNREADABLE', `network ${network.name}`, network.parsed.invalid);
  if (siblings.some(({ networkId }) => networkId === network.id))
    throw fail('ENDPOINT_EXISTS', member.name, network.name);
  const driver = view.drivers.find(network.driver);
  const known = prepared?.get(network.id);
  const id = known?.id ?? generate.id();
  const answers = known?.answers;
  const { options, shape } = shapeOf(view, request, { id, ...(answers && { answers }) });
  const taken = [...siblings.map(({ ifname }) => ifname), ...occupied];
  if (shape.ifname && taken.includes(shape.ifname))
    throw fail('NETWORK_CONFLICT', `interface name "${shape.ifname}" is already in use in ${member.name}`);
  return {
    id,
    networkId: network.id,
    sandboxId: sandbox.id,
    containerId: member.containerId,
    name: member.name,
    ifname: shape.ifname || nameWithin(shape.ifPrefix, { kept: spec.kept?.ifname, taken }),
    hostLink: shape.hostLink,
    ...(shape.fanout === undefined ? {} : { fanout: shape.fanout }),
    mac: known?.mac || answers?.mac || (shape.mac ? macOf(view, request, generate) : ''),
    addresses:
      known?.addresses ??
      (driver.needsAddresses ? chooseAddresses(view, { network, spec, sandbox, member }) : []),
    dnsNames: dnsNamesOf(member, network, spec),
    order: siblings.reduce((highest, { order }) => Math.max(highest, order + 1), 0),
    spec: specOf(spec),
    ...(options.sysctls.length > 0 && { sysctls: options.sysctls }),
    ...(options.rates && { rates: options.rates }),
    ...(answers && { answers }),
    ...(known?.leases && { leases: known.leases }),
  };
}

/** What the driver says of it, and its options as they were read. */
function shapeOf(
  view: View,
  { network, spec }: Pick<EndpointRequest, 'network' | 'spec'>,
  known: Pick<ShapeInput, 'id' | 'answers'>,
): { readonly options: EndpointOptions; readonly shape: EndpointShape } {
  const driver = view.drivers.find(network.driver);
  const here = network.overlay && nodeHere(view.all('nodes'));
  const options = driver.hasInterfaces ? parseEndpointOptions(spec) : { ifname: '', sysctls: [] };
  const loads = view.fanouts.loads(network.id);
  const shape = driver.endpointShape(network, {
    ...{ ...known, loads, ifname: options.ifname },
    ...(here && { here }),
  });
  checkRates(options.rates, network, shape);
  return { options, shape };
}

/** Addresses for an endpoint that waits for its driver, kept for it by an entry of the outbox. */
export function reserveAddresses(
  view: View,
  request: Pick<EndpointRequest, 'network' | 'spec'> & { readonly sysctls: Sandbox['sysctls'] },
): readonly string[] {
  const { network, spec, sysctls } = request;
  return leasesHere(network) ? chooseAddresses(view, { network, spec, sandbox: { sysctls } }) : [];
}

/** Address families of an endpoint. Throws ADDRESS_OUTSIDE for a requested address of another family. */
export function familiesFor({
  network,
  spec,
  sysctls,
}: Pick<EndpointRequest, 'network' | 'spec'> & { readonly sysctls: Sandbox['sysctls'] }): readonly Family[] {
  const families: Family[] = [];
  if (network.enableIPv4) families.push(4);
  if (network.enableIPv6 && !isWithoutIPv6(spec, { sysctls })) families.push(6);
  if (spec.ipv4 && !network.enableIPv4) throw fail('ADDRESS_OUTSIDE', spec.ipv4);
  if (spec.ipv6 && !network.enableIPv6) throw fail('ADDRESS_OUTSIDE', spec.ipv6);
  return families;
}

/** Requested link-local addresses with prefix length. */
export const linkLocalAddresses = ({ linkLocal }: Pick<EndpointSpec, 'linkLocal'>): readonly string[] =>
  linkLocal.map(hostAddressText).map((address) => `${address}/${familyOf(address) === 6 ? 64 : 16}`);

/** The requested MAC address, else the kept one, else a random one that no other endpoint of the network has. */
function macOf(view: View, { network, spec }: EndpointRequest, generate: Generators): string {
  const asked = spec.mac && readMac(spec.mac);
  if (asked) return asked;
  const isFree = (mac: string): boolean => !view.macs.isTaken(network.id, mac);
  const { mac: kept } = spec.kept ?? {};
  if (kept && isFree(kept)) return kept;
  for (;;) {
    const drawn = generate.mac();
    if (isFree(drawn)) return drawn;
  }
}

/** The spec without kept choices. */
function specOf({ kept: _, ...spec }: Membership): EndpointSpec {
  return spec;
}

/** The spec with the choices of this start, so that a restart keeps the MAC address and the interface's name. */
export const remembering = (spec: EndpointSpec, { mac, ifname, addresses }: Endpoint): Membership => ({
  ...spec,
  kept: {
    ...{ ...(mac && !spec.mac && { mac }), ...(ifname && { ifname }) },
    ...(addresses.length > 0 && { addresses }),
  },
});

/** The name that it had, else `eth0` or the lowest number that is free; '' where the driver makes no interface. */
function nameWithin(
  prefix: string,
  { kept, taken }: { readonly kept: string | undefined; readonly taken: readonly string[] },
): string {
  if (!prefix) return '';
  if (kept && !taken.includes(kept)) return kept;
  for (let number = 0; ; number++) {
    const name = `${prefix}${number}`;
    if (!taken.includes(name)) return name;
  }
}

interface Choosing extends Pick<EndpointRequest, 'network' | 'spec'> {
  readonly sandbox: Pick<Sandbox, 'sysctls'>;
  /** Absent if it is not known yet. */
  readonly member?: Member;
}

function chooseAddresses(view: View, { network, spec, sandbox, member }: Choosing): string[] {
  if (!leasesHere(network)) return [];
  const chosen = familiesFor({ network, spec, sysctls: sandbox.sysctls }).map((family) => {
    const asked = family === 4 ? spec.ipv4 : spec.ipv6;
    if (asked) return checkedAddress(view, network, asked);
    const before =
      heldAddress(view, { network, member, family }) ?? keptAddress(view, { network, spec, family });
    return before ?? firstFree(view, network, family);
  });
  return [...chosen, ...linkLocalAddresses(spec)];
}

/** Whether sysctls of the endpoint or its sandbox take IPv6 away from the interface. */
function isWithoutIPv6(spec: EndpointSpec, { sysctls }: Pick<Sandbox, 'sysctls'>): boolean {
  const isOff = (value: string | undefined): boolean => value !== undefined && value.trim() !== '0';
  const own = parseSysctls(spec).find(({ tree, name }) => tree === 'ipv6/conf' && name === 'disable_ipv6');
  if (own) return isOff(own.value);
  return ['all', 'default'].some((link) => isOff(sysctls[`net.ipv6.conf.${link}.disable_ipv6`]));
}

function firstFree(view: View, network: Network, family: Family): string {
  const address = view.leases.firstFree(network.id, family);
  if (address === undefined) throw fail('ADDRESSES_EXHAUSTED', family, `${network.name} (${network.id})`);
  return address;
}

/** An address that the cluster still keeps for the container, since the cluster's store was away when it stopped. */
function heldAddress(
  view: View,
  {
    network,
    member,
    family,
  }: { readonly network: Network; readonly member: Member | undefined; readonly family: Family },
): string | undefined {
  if (!isShared(network) || !member?.containerId) return undefined;
  for (const { networkId, address, containerId } of view.all('claims')) {
    if (networkId !== network.id || containerId !== member.containerId || familyOf(address) !== family)
      continue;
    const found = view.leases.look(networkId, address);
    if (found?.free) return `${address}/${found.pool.subnet.split('/')[1]}`;
  }
  return undefined;
}

/** The address of the last start, if nobody has it. On a network of one host the lowest free one is taken, as in Docker. */
function keptAddress(
  view: View,
  { network, spec, family }: Pick<Choosing, 'network' | 'spec'> & { readonly family: Family },
): string | undefined {
  if (!isShared(network)) return undefined;
  const kept = spec.kept?.addresses?.find((address) => familyOf(address) === family);
  const found = kept === undefined ? undefined : view.leases.look(network.id, bare(kept));
  return kept !== undefined && found?.free ? `${bare(kept)}/${found.pool.subnet.split('/')[1]}` : undefined;
}

function checkedAddress(view: View, network: Network, asked: string): string {
  const address = hostAddressText(asked);
  const found = view.leases.look(network.id, address);
  if (!found) throw fail('ADDRESS_OUTSIDE', address);
  if (!found.free) throw fail('ADDRESS_IN_USE', address);
  return `${address}/${found.pool.subnet.split('/')[1]}`;
}

/** Names are served on user-defined networks only; Docker's order: name, aliases, short id, hostname. */
export function dnsNamesOf(member: Member, network: Network, spec: EndpointSpec): readonly string[] {
  if (network.predefined) return [];
  const names = [member.name, ...spec.aliases, ...member.otherNames];
  return [...new Set(names.filter((name) => name !== ''))];
}
