/** What the kernel would do: RTM_GETROUTE for one packet, RTM_GETNEIGH for what it knows of neighbours. */
import { AF_INET, AF_INET6, errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import { errnoName } from '../ffi/libc.ts';
import type { Namespace } from '../kernel.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { addressBytes, addressText, macText } from '../netlink/inet.ts';
import { NLM_F_DUMP, type Request } from '../netlink/message.ts';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink/socket.ts';
import { NDA, RTA, RTM } from '../rtnetlink/constants.ts';
import type { KnownNeighbour, RouteAnswer, RouteQuestion } from './contract.ts';

const HEADER = 12;
const RTA_SRC = 2;
const RTA_IIF = 3;
const RTN_LOCAL = 2;
const RTN_UNREACHABLE = 7;
const RTN_BLACKHOLE = 6;
const RTN_PROHIBIT = 8;
const NUD_INCOMPLETE = 0x01;
const NUD_FAILED = 0x20;
const NUD_NOARP = 0x40;

const nowhere: RouteAnswer = { refused: '', link: '', gateway: '', source: '', isLocal: false };
const refusals: Readonly<Record<number, string>> = {
  [RTN_UNREACHABLE]: 'EHOSTUNREACH',
  [RTN_BLACKHOLE]: 'EINVAL',
  [RTN_PROHIBIT]: 'EACCES',
};

/** The namespace may be another than the engine's. */
export function withSocket<T>(namespace: Namespace, use: (socket: NetlinkSocket) => T): T {
  const socket = namespace.inside(() => new NetlinkSocket(NETLINK_ROUTE));
  try {
    return use(socket);
  } finally {
    socket.close();
  }
}

export function routeTo(namespace: Namespace, question: RouteQuestion): RouteAnswer {
  const { arrivingBy } = question;
  const link = arrivingBy === undefined ? undefined : namespace.route.findLink(arrivingBy);
  if (arrivingBy !== undefined && !link) return { ...nowhere, refused: 'ENODEV' };
  return withSocket(namespace, (socket) => {
    const answer = socket.request(encodeQuestion(question, link?.index));
    const message = answer.messages.find(({ type }) => type === RTM.NEWROUTE);
    if (answer.errno !== 0 || !message) return { ...nowhere, refused: errnoName(answer.errno) };
    const type = message.body[7] ?? 0;
    const attributes = new Attributes(message.body.subarray(HEADER));
    const text = (kind: number): string => {
      const bytes = attributes.data(kind);
      return bytes ? addressText(bytes) : '';
    };
    const index = attributes.u32(RTA.OIF) ?? 0;
    return {
      refused: refusals[type] ?? '',
      link: index === 0 ? '' : (namespace.route.findLinkByIndex(index)?.name ?? ''),
      gateway: text(RTA.GATEWAY),
      source: text(RTA.PREFSRC),
      isLocal: type === RTN_LOCAL,
    };
  });
}

function encodeQuestion({ to, from }: RouteQuestion, arriving: number | undefined): Request {
  const destination = addressBytes(to);
  const width = destination.length * 8;
  const body = new Writer().struct(HEADER, (view) => {
    view.setUint8(0, destination.length === 4 ? AF_INET : AF_INET6);
    view.setUint8(1, width);
    view.setUint8(2, from === undefined ? 0 : width);
  });
  body.data(RTA.DST, destination);
  if (from !== undefined) body.data(RTA_SRC, addressBytes(from));
  if (arriving !== undefined) body.u32(RTA_IIF, arriving);
  return { type: RTM.GETROUTE, flags: 0, body };
}

export function neighbours(namespace: Namespace, link: string): readonly KnownNeighbour[] {
  const index = namespace.route.findLink(link)?.index;
  if (index === undefined) return [];
  return withSocket(namespace, (socket) => {
    const body = new Writer().struct(HEADER, () => undefined).u32(NDA.IFINDEX, index);
    const answer = socket.dump({ type: RTM.GETNEIGH, flags: NLM_F_DUMP, body });
    if (answer.errno === errno.ENODEV) return [];
    if (answer.errno !== 0) throw kernelError(`list neighbours of ${link}`, answer.errno, answer.extack);
    return answer.messages.flatMap(({ body: bytes }) => decode(bytes) ?? []);
  });
}

function decode(body: Uint8Array): KnownNeighbour | undefined {
  const state = viewOf(body).getUint16(8, true);
  const attributes = new Attributes(body.subarray(HEADER));
  const address = attributes.data(NDA.DST);
  if (!address || (state & NUD_NOARP) !== 0) return undefined;
  const mac = attributes.data(NDA.LLADDR);
  const failed = (state & (NUD_FAILED | NUD_INCOMPLETE)) !== 0;
  return { address: addressText(address), mac: mac && !failed ? macText(mac) : '', failed };
}
