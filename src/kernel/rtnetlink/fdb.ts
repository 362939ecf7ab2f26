/** Permanent entries of a VXLAN link's forwarding database (RTM_*NEIGH, AF_BRIDGE, NTF_SELF). */
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import type { FdbEntry } from '../kernel.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { addressBytes, addressText, macBytes, macText } from '../netlink/inet.ts';
import {
  type Message,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_REPLACE,
  type Request,
} from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { AF_BRIDGE, NDA, NTF_SELF, NUD_PERMANENT, RTM } from './constants.ts';

const HEADER = 12;
const everybody = '00:00:00:00:00:00';

export function listFdb(socket: NetlinkSocket, link: number): readonly FdbEntry[] {
  const body = new Writer().struct(HEADER, (view) => view.setUint8(0, AF_BRIDGE));
  const answer = socket.dump({ type: RTM.GETNEIGH, flags: NLM_F_DUMP, body });
  if (answer.errno === errno.ENODEV) return [];
  if (answer.errno !== 0) throw kernelError('list forwarding entries', answer.errno, answer.extack);
  const all = answer.messages.flatMap((message) => decodeFdb(message) ?? []);
  return all.filter((entry) => entry.link === link);
}

/** Entries for `00:00:00:00:00:00` (flooding) may have several destinations, others one. */
export function addFdbEntry(socket: NetlinkSocket, entry: FdbEntry): void {
  const how = entry.mac === everybody ? NLM_F_APPEND : NLM_F_REPLACE;
  const answer = socket.request(encodeFdb(RTM.NEWNEIGH, entry, NLM_F_CREATE | how));
  if (answer.errno === 0 || answer.errno === errno.EEXIST) return;
  throw kernelError(`send frames for ${entry.mac} to ${entry.to}`, answer.errno, answer.extack);
}

/** A missing entry or link is no error. */
export function removeFdbEntry(socket: NetlinkSocket, entry: FdbEntry): void {
  const answer = socket.request(encodeFdb(RTM.DELNEIGH, entry, 0));
  if (answer.errno === 0 || answer.errno === errno.ENOENT || answer.errno === errno.ENODEV) return;
  throw kernelError(`remove the entry of ${entry.mac}`, answer.errno, answer.extack);
}

export function encodeFdb(type: number, { link, mac, to }: FdbEntry, flags: number): Request {
  const body = new Writer().struct(HEADER, (view) => {
    view.setUint8(0, AF_BRIDGE);
    view.setInt32(4, link, true);
    view.setUint16(8, NUD_PERMANENT, true);
    view.setUint8(10, NTF_SELF);
  });
  body.data(NDA.DST, addressBytes(to)).data(NDA.LLADDR, macBytes(mac));
  return { type, flags, body };
}

export function decodeFdb(message: Message): FdbEntry | undefined {
  if (message.type !== RTM.NEWNEIGH) return undefined;
  const header = viewOf(message.body);
  const attributes = new Attributes(message.body.subarray(HEADER));
  const to = attributes.data(NDA.DST);
  const mac = attributes.data(NDA.LLADDR);
  const permanent = (header.getUint16(8, true) & NUD_PERMANENT) !== 0;
  if (header.getUint8(0) !== AF_BRIDGE || !permanent || to === undefined || mac === undefined)
    return undefined;
  return { link: header.getInt32(4, true), mac: macText(mac), to: addressText(to) };
}
