/** Permanent neighbour entries (RTM_*NEIGH); learnt ones are ignored. */
import { AF_INET, AF_INET6, errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import type { Neighbour } from '../kernel.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { addressBytes, addressText, macBytes, macText } from '../netlink/inet.ts';
import { type Message, NLM_F_CREATE, NLM_F_DUMP, NLM_F_REPLACE, type Request } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { NDA, NUD_PERMANENT, RTM } from './constants.ts';

const NEIGHBOUR_HEADER = 12;

export function listNeighbours(socket: NetlinkSocket, link?: number): readonly Neighbour[] {
  const answer = socket.dump(dumpNeighbours(link));
  if (answer.errno === errno.ENODEV) return [];
  if (answer.errno !== 0) throw kernelError('list neighbours', answer.errno, answer.extack);
  const all = answer.messages.flatMap((message) => decodeNeighbour(message) ?? []);
  return link === undefined ? all : all.filter((neighbour) => neighbour.link === link);
}

export function replaceNeighbour(socket: NetlinkSocket, neighbour: Neighbour): void {
  const answer = socket.request(encodeNeighbour(RTM.NEWNEIGH, neighbour));
  if (answer.errno === 0) return;
  throw kernelError(`set neighbour ${describe(neighbour)}`, answer.errno, answer.extack);
}

/** A missing entry or link is no error. */
export function removeNeighbour(socket: NetlinkSocket, neighbour: Neighbour): void {
  const answer = socket.request(encodeNeighbour(RTM.DELNEIGH, neighbour));
  if (answer.errno === 0 || answer.errno === errno.ENOENT || answer.errno === errno.ENODEV) return;
  throw kernelError(`remove neighbour ${describe(neighbour)}`, answer.errno, answer.extack);
}

function dumpNeighbours(link: number | undefined): Request {
  const body = new Writer().struct(NEIGHBOUR_HEADER, () => undefined);
  if (link !== undefined) body.u32(NDA.IFINDEX, link);
  return { type: RTM.GETNEIGH, flags: NLM_F_DUMP, body };
}

export function encodeNeighbour(type: number, neighbour: Neighbour): Request {
  const destination = addressBytes(neighbour.address);
  const setting = type === RTM.NEWNEIGH;
  const body = new Writer().struct(NEIGHBOUR_HEADER, (view) => {
    view.setUint8(0, destination.length === 4 ? AF_INET : AF_INET6);
    view.setInt32(4, neighbour.link, true);
    if (setting) view.setUint16(8, NUD_PERMANENT, true);
  });
  body.data(NDA.DST, destination);
  if (setting) body.data(NDA.LLADDR, macBytes(neighbour.mac));
  return { type, flags: setting ? NLM_F_CREATE | NLM_F_REPLACE : 0, body };
}

export function decodeNeighbour(message: Message): Neighbour | undefined {
  if (message.type !== RTM.NEWNEIGH) return undefined;
  const header = viewOf(message.body);
  const attributes = new Attributes(message.body.subarray(NEIGHBOUR_HEADER));
  const address = attributes.data(NDA.DST);
  const mac = attributes.data(NDA.LLADDR);
  const family = header.getUint8(0);
  const permanent = (header.getUint16(8, true) & NUD_PERMANENT) !== 0;
  if (!permanent || address === undefined || mac === undefined) return undefined;
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  return { link: header.getInt32(4, true), address: addressText(address), mac: macText(mac) };
}

const describe = ({ address, link }: Neighbour): string => `${address} on link ${link}`;
