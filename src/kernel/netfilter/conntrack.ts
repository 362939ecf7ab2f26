/**
 * Deletes tracked flows. A UDP flow that goes on sending keeps its conntrack entry and translation, whatever the
 * rules become, until the entry is deleted.
 */
import { familyOf } from '../../net/family.ts';
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import type { FlowMatch, PortFlows } from '../flows.ts';
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
  type FlowKey,
  flowKey,
  isFlow,
  ofProtocol,
} from './conntrack-codec.ts';

/** Ports that are looked for one by one; of more, all flows of the protocol are listed once. */
const fewPorts = 4;

/** Deletes all flows whose first packet went to one of the ports, and that its container answers. None is no error. */
export async function forgetFlows(host: Namespace, ports: readonly PortFlows[]): Promise<void> {
  const groups = Map.groupBy(ports, (port) => `${port.protocol} of IPv${familyOf(port.address)}`);
  for (const [name, group] of groups) {
    const searched = searchOf(group);
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
function searchOf(ports: readonly PortFlows[]): (message: Message, key: FlowKey) => boolean {
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
