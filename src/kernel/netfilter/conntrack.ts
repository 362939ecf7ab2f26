/**
 * Deletes tracked flows. A UDP flow that goes on sending keeps its conntrack entry and translation, whatever the
 * rules become, until the entry is deleted.
 */
import { bare, type Cidr, contains, parseAddress, parseCidr } from '../../net/address.ts';
import { familyOf } from '../../net/family.ts';
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import type { FlowMatch, PortFlows, StaleFlows, UntranslatedFlows } from '../flows.ts';
import type { Namespace } from '../kernel.ts';
import { addressBytes, addressText } from '../netlink/inet.ts';
import type { Message } from '../netlink/message.ts';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket.ts';
import {
  addressKey,
  answererOf,
  askedOf,
  deleteFlow,
  dumpFlows,
  endsOf,
  type FlowKey,
  flowKey,
  isFlow,
  keysOf,
  ofFamily,
  ofProtocol,
} from './conntrack-codec.ts';

/** Ports that are looked for one by one; of more, all flows of the protocol are listed once. */
const fewPorts = 4;

/** Deletes all flows whose first packet went to one of the ports, and that its container answers. None is no error. */
export const forgetFlows = (host: Namespace, ports: readonly PortFlows[]): Promise<void> =>
  forgetPorts(host, ports, searchOf);

type Search = (message: Message, key: FlowKey) => boolean;

/** `searchFor` is called with the ports of one protocol and family. */
async function forgetPorts(
  host: Namespace,
  ports: readonly PortFlows[],
  searchFor: (ports: readonly PortFlows[]) => Search,
): Promise<void> {
  const groups = Map.groupBy(ports, (port) => `${port.protocol} of IPv${familyOf(port.address)}`);
  for (const [name, group] of groups) {
    const searched = searchFor(group);
    const keys = group.map(flowKey);
    const wanted = group.length > fewPorts ? keys.slice(0, 1).map(ofProtocol) : keys;
    for (const key of wanted)
      await forget(host, {
        key,
        doing: `forget flows by ${name}`,
        isMeant: (message) => searched(message, key),
      });
  }
}

/** By the port alone where it is published on all addresses. */
function searchOf(ports: readonly PortFlows[]): Search {
  const places = new Set(
    ports.map(({ port, address, answeredBy }) => placeText(port, addressBytes(answeredBy), address)),
  );
  return (message, key) => {
    const { port, destination } = askedOf(message, key);
    const answerer = answererOf(message, key);
    if (port === undefined || destination === undefined || answerer === undefined) return false;
    return [destination, new Uint8Array(destination.length)].some((one) =>
      places.has(placeText(port, answerer, addressText(one))),
    );
  };
}

const placeText = (port: number, answerer: Uint8Array, destination: string): string =>
  `${destination} ${port} ${addressText(answerer)}`;

/** Deletes flows that would not come about any more. None is no error. */
export async function forgetStaleFlows(host: Namespace, stale: StaleFlows): Promise<void> {
  if ('of' in stale) {
    for (const address of stale.of)
      for (const key of keysOf(address))
        await forget(host, { key, doing: `forget flows of ${address}`, isMeant: () => true });
  } else if ('missed' in stale) await forgetPorts(host, stale.missed, (ports) => missing(ports, host));
  else
    for (const family of [4, 6] as const) {
      const subnets = stale.untranslated.filter((subnet) => familyOf(subnet) === family);
      const isMeant = leaving({ ...stale, untranslated: subnets }, host);
      const key = ofFamily(family);
      if (subnets.length > 0)
        await forget(host, {
          key,
          doing: `forget flows of IPv${family} without translation`,
          isMeant: (message) => isMeant(message, key),
        });
    }
}

/** Flows to the ports at an address of the host that another than the container answers. */
function missing(ports: readonly PortFlows[], host: Namespace): Search {
  const answerers = new Map(
    ports.map(({ port, address, answeredBy }) => [`${bare(address)} ${port}`, bare(answeredBy)]),
  );
  const isLocal = localAddresses(host);
  return (message, key) => {
    const { port = 0, destination } = askedOf(message, key);
    const answerer = answererOf(message, key);
    if (!destination || !answerer || !isLocal(destination)) return false;
    const wanted =
      answerers.get(`${addressText(destination)} ${port}`) ??
      answerers.get(`${addressText(new Uint8Array(destination.length))} ${port}`);
    return wanted !== undefined && wanted !== addressText(answerer);
  };
}

/** Flows from the subnets to somewhere else that have kept their source. */
function leaving({ untranslated, near }: UntranslatedFlows, host: Namespace): Search {
  const isLocal = localAddresses(host);
  const [from, home] = [untranslated, near].map((list) => list.map((one) => parseCidr(one)));
  return (message, key) => {
    const { source, destination, answered } = endsOf(message, key);
    if (!source || !destination || !answered || Buffer.compare(source, answered) !== 0) return false;
    const isIn = (all: readonly Cidr[] = [], bytes: Uint8Array): boolean => {
      const address = parseAddress(addressText(bytes));
      return all.some((subnet) => contains(subnet, address));
    };
    return isIn(from, source) && !isIn(home, destination) && !isLocal(destination);
  };
}

/** As of now. */
function localAddresses(host: Namespace): (address: Uint8Array) => boolean {
  const own = new Set(host.route.listAddresses().map(({ address }) => bare(address)));
  return (bytes) => (bytes.length === 4 && bytes[0] === 127) || own.has(addressText(bytes));
}

/** `answering`: addresses whose flows stay. */
export interface Answered {
  /** An address, or a port of it. */
  readonly to: string | FlowMatch;
  readonly answering: readonly string[];
}

/** Deletes flows whose first packet went there, and that none of these addresses answers. */
export async function forgetFlowsTo(namespace: Namespace, { to, answering }: Answered): Promise<void> {
  const key = typeof to === 'string' ? addressKey(to) : flowKey(to);
  const kept = answering.map((one) => addressBytes(one));
  const isMeant = (message: Message): boolean => {
    const source = answererOf(message, key);
    return source === undefined || !kept.some((one) => Buffer.compare(one, source) === 0);
  };
  await forget(namespace, {
    key,
    doing: `forget flows to ${typeof to === 'string' ? to : `port ${to.port}`}`,
    isMeant,
  });
}

interface Forgotten {
  readonly key: FlowKey;
  readonly doing: string;
  isMeant(message: Message): boolean;
}

/** Flows that are deleted by one request. */
const atOnce = 50;

/** There may be very many flows, of which the kernel lists some hundred in a millisecond. */
async function forget(namespace: Namespace, { key, doing, isMeant }: Forgotten): Promise<void> {
  // without the sysctl nothing is tracked
  if ((namespace.readSysctl('net.netfilter.nf_conntrack_count') ?? '0') === '0') return;
  const socket = namespace.inside(() => new NetlinkSocket(NETLINK_NETFILTER));
  try {
    const flows = await socket.dumpSlowly(dumpFlows(key), (each) => isFlow(each, key) && isMeant(each));
    if (flows.errno !== 0) throw kernelError(doing, flows.errno, flows.extack);
    for (let at = 0; at < flows.messages.length; at += atOnce) {
      const some = flows.messages.slice(at, at + atOnce);
      // it may have ended by itself
      for (const answer of await socket.requestMany(some.map((message) => deleteFlow(message, key))))
        if (answer.errno !== 0 && answer.errno !== errno.ENOENT)
          throw kernelError(doing, answer.errno, answer.extack);
    }
  } finally {
    socket.close();
  }
}
