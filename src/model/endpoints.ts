/** Endpoints: a sandbox's place in a network made, with its addresses, MAC address, and names. */
import { fail } from '../errors.ts';
import type { Container } from './container.ts';
import type { PreparedEndpoint } from './driver.ts';
import type { Endpoint, EndpointAsk } from './endpoint.ts';
import type { Family, Network } from './network.ts';
import type { Sandbox } from './sandbox.ts';
import type { Dice, View } from './tables.ts';

/** Whom an endpoint is of. */
export interface Member {
  /** '' for a namespace that the engine did not make. */
  readonly containerId: string;
  readonly name: string;
  /** What leads to it besides its name and aliases: short id, hostname. */
  readonly otherNames: readonly string[];
}

export const memberOf = ({ id, name, config }: Container): Member => ({
  containerId: id,
  name,
  otherNames: [id.slice(0, 12), config.Hostname],
});

export interface Place {
  readonly member: Member;
  readonly network: Network;
  readonly ask: EndpointAsk;
  readonly sandbox: Sandbox;
  readonly siblings: readonly Endpoint[];
  /** Names of links that are in the namespace already. */
  readonly occupied?: readonly string[];
}

export interface EndpointContext {
  readonly dice: Dice;
  /** Endpoints whose drivers were asked before (`Driver.prepare`), by network. */
  readonly prepared?: ReadonlyMap<string, PreparedEndpoint>;
}

/** A place in a network, all choices made. Throws in Docker's words. */
export function makeEndpoint(view: View, place: Place, { dice, prepared }: EndpointContext): Endpoint {
  const { member, network, ask, sandbox, siblings, occupied = [] } = place;
  if (network.configOnly)
    throw fail('NETWORK_CONFLICT', 'cannot create endpoint on configuration-only network');
  if (siblings.some(({ networkId }) => networkId === network.id))
    throw fail('ENDPOINT_EXISTS', member.name, network.name);
  const driver = view.drivers.find(network.driver);
  const known = prepared?.get(network.id);
  const id = known?.id ?? dice.id();
  const loads = view.extensions.loads(network.id);
  const shape = driver.endpointShape(network, { id, ask, loads });
  const taken = [...siblings.map(({ ifname }) => ifname), ...occupied];
  if (shape.ifname && taken.includes(shape.ifname))
    throw fail('NETWORK_CONFLICT', `interface name "${shape.ifname}" is already in use in ${member.name}`);
  return {
    id,
    networkId: network.id,
    sandboxId: sandbox.id,
    containerId: member.containerId,
    name: member.name,
    ifname: shape.ifname || nameWithin(shape.ifPrefix, { kept: ask.ifname, taken }),
    hostLink: shape.hostLink,
    ...(shape.extension === undefined ? {} : { extension: shape.extension }),
    mac: shape.mac ? (known?.answers.mac ?? ask.mac ?? dice.mac()) : '',
    addresses: driver.needsAddresses ? chooseAddresses(view, network, ask) : [],
    dnsNames: dnsNamesOf(member, network, ask),
    order: siblings.reduce((highest, { order }) => Math.max(highest, order + 1), 0),
    ask,
    ...(known && { answers: known.answers }),
  };
}

/** What is asked the next time, so that after a restart MAC address and name of the interface are the same. */
export const remembering = (ask: EndpointAsk, { mac, ifname }: Endpoint): EndpointAsk => ({
  ...ask,
  ...(mac && { mac }),
  ...(ifname && { ifname }),
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

function chooseAddresses(view: View, network: Network, ask: EndpointAsk): string[] {
  const families: Family[] = [];
  if (network.enableIPv4) families.push(4);
  if (network.enableIPv6) families.push(6);
  if (ask.ipv4 && !network.enableIPv4) throw fail('ADDRESS_OUTSIDE', ask.ipv4);
  if (ask.ipv6 && !network.enableIPv6) throw fail('ADDRESS_OUTSIDE', ask.ipv6);
  const chosen = families.map((family) => {
    const asked = family === 4 ? ask.ipv4 : ask.ipv6;
    return asked ? checkedAddress(view, network, asked) : firstFree(view, network, family);
  });
  const local = ask.linkLocal.map((address) => `${address}/${address.includes(':') ? 64 : 16}`);
  return [...chosen, ...local];
}

function firstFree(view: View, network: Network, family: Family): string {
  const address = view.leases.firstFree(network.id, family);
  if (address === undefined) throw fail('ADDRESSES_EXHAUSTED', family, `${network.name} (${network.id})`);
  return address;
}

function checkedAddress(view: View, network: Network, address: string): string {
  const found = view.leases.look(network.id, address);
  if (!found) throw fail('ADDRESS_OUTSIDE', address);
  if (!found.free) throw fail('ADDRESS_IN_USE', address);
  return `${address}/${found.pool.subnet.split('/')[1]}`;
}

/** Names are served on user-defined networks only; Docker's order: name, aliases, short id, hostname. */
export function dnsNamesOf(member: Member, network: Network, ask: EndpointAsk): readonly string[] {
  if (network.predefined) return [];
  const names = [member.name, ...ask.aliases, ...member.otherNames];
  return [...new Set(names.filter((name) => name !== ''))];
}
