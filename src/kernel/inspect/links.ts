/** What stops packets at links: their state, that of bridge ports, where bridges send frames, and queues that drop. */
import { kernelError } from '../ffi/fault.ts';
import type { Namespace } from '../kernel.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { macBytes, macText } from '../netlink/inet.ts';
import { NLM_F_DUMP } from '../netlink/message.ts';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket.ts';
import { AF_BRIDGE, IFF_NOARP, IFF_UP, IFLA, IFLA_INFO, RTM, TCA } from '../rtnetlink/constants.ts';
import { getLink } from '../rtnetlink/link-codec.ts';
import type { LinkState, Queue } from './contract.ts';
import { withSocket } from './lookup.ts';

const LINK_HEADER = 16;
const NEIGHBOUR_HEADER = 12;
const QUEUE_HEADER = 20;
const IFF_LOWER_UP = 0x1_0000;
/** Within IFLA_INFO_SLAVE_DATA. */
const IFLA_BRPORT_STATE = 1;
const NDA_LLADDR = 2;
const NDA_MASTER = 9;
const TCA_STATS2 = 7;
const TCA_STATS_QUEUE = 3;
/** struct gnet_stats_queue: qlen, backlog, drops. */
const DROPS_AT = 8;

/** linux/if_bridge.h, BR_STATE_* */
const portStates = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const;

export const linkState = (namespace: Namespace, name: string): LinkState | undefined =>
  withSocket(namespace, (socket) => {
    const answer = socket.request(getLink({ name }));
    const message = answer.messages.find(({ type }) => type === RTM.NEWLINK);
    if (answer.errno !== 0 || !message) return undefined;
    const flags = viewOf(message.body).getUint32(8, true);
    const attributes = new Attributes(message.body.subarray(LINK_HEADER));
    const info = attributes.nested(IFLA.LINKINFO);
    const isPort = info.text(IFLA_INFO.SLAVE_KIND) === 'bridge';
    const state = isPort ? (info.nested(IFLA_INFO.SLAVE_DATA).u8(IFLA_BRPORT_STATE) ?? -1) : -1;
    return {
      ...{ up: (flags & IFF_UP) !== 0, carrier: (flags & IFF_LOWER_UP) !== 0 },
      noarp: (flags & IFF_NOARP) !== 0,
      mac: macText(attributes.data(IFLA.ADDRESS) ?? new Uint8Array()),
      master: attributes.u32(IFLA.MASTER) ?? 0,
      port: portStates[state] ?? '',
    };
  });

export const portTowards = (
  namespace: Namespace,
  { bridge, mac }: { readonly bridge: number; readonly mac: string },
): string | undefined =>
  withSocket(namespace, (socket) => {
    const body = new Writer().struct(NEIGHBOUR_HEADER, (view) => view.setUint8(0, AF_BRIDGE));
    body.data(NDA_LLADDR, macBytes(mac)).u32(NDA_MASTER, bridge);
    const answer = socket.request({ type: RTM.GETNEIGH, flags: 0, body });
    const message = answer.messages.find(({ type }) => type === RTM.NEWNEIGH);
    if (answer.errno !== 0 || !message) return undefined;
    const port = viewOf(message.body).getInt32(4, true);
    return namespace.route.findLinkByIndex(port)?.name;
  });

export async function queues(namespace: Namespace): Promise<readonly Queue[]> {
  const socket = namespace.inside(() => new NetlinkSocket(NETLINK_ROUTE));
  try {
    const body = new Writer().struct(QUEUE_HEADER, () => undefined);
    const request = { type: RTM.GETQDISC, flags: NLM_F_DUMP, body };
    const answer = await socket.dumpSlowly(request, ({ type }) => type === RTM.NEWQDISC);
    if (answer.errno !== 0) throw kernelError('list queues of links', answer.errno, answer.extack);
    return answer.messages.flatMap(({ body: bytes }) => decodeQueue(namespace, bytes));
  } finally {
    socket.close();
  }
}

function decodeQueue(namespace: Namespace, body: Uint8Array): readonly Queue[] {
  const attributes = new Attributes(body.subarray(QUEUE_HEADER));
  const link = namespace.route.findLinkByIndex(viewOf(body).getInt32(4, true))?.name;
  const statistics = attributes.nested(TCA_STATS2).data(TCA_STATS_QUEUE);
  const dropped =
    statistics && statistics.length > DROPS_AT + 3 ? viewOf(statistics).getUint32(DROPS_AT, true) : 0;
  return link === undefined ? [] : [{ link, kind: attributes.text(TCA.KIND) ?? '', dropped }];
}
