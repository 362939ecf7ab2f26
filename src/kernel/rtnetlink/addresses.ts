/** Addresses of links (RTM_*ADDR). */
import { AF_INET, AF_INET6, errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import type { Address } from '../kernel.ts';
import { Attributes, viewOf, Writer } from '../netlink/attributes.ts';
import { addressText, parsePrefix } from '../netlink/inet.ts';
import { type Message, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, type Request } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { IFA, IFA_F_DADFAILED, IFA_F_NODAD, IFA_F_TENTATIVE, keyOf, RTM, scopes } from './constants.ts';

const ADDRESS_HEADER = 8;

export function listAddresses(socket: NetlinkSocket, link?: number): readonly Address[] {
  const answer = socket.dump(dumpAddresses(link ?? 0));
  if (answer.errno === errno.ENODEV) return [];
  if (answer.errno !== 0) throw kernelError('list addresses', answer.errno, answer.extack);
  const all = answer.messages.flatMap((message) => decodeAddress(message) ?? []);
  // kernels before 4.20 do not filter
  return link === undefined ? all : all.filter((address) => address.link === link);
}

export function addAddress(socket: NetlinkSocket, address: Address): void {
  const answer = socket.request(encodeAddress(RTM.NEWADDR, address));
  if (answer.errno === 0 || answer.errno === errno.EEXIST) return;
  throw kernelError(`add address ${address.address} to link ${address.link}`, answer.errno, answer.extack);
}

/** A missing address or link is no error. */
export function removeAddress(socket: NetlinkSocket, address: Address): void {
  const answer = socket.request(encodeAddress(RTM.DELADDR, address));
  if (answer.errno === 0 || answer.errno === errno.EADDRNOTAVAIL || answer.errno === errno.ENODEV) return;
  throw kernelError(
    `remove address ${address.address} from link ${address.link}`,
    answer.errno,
    answer.extack,
  );
}

function dumpAddresses(link: number): Request {
  const body = new Writer().struct(ADDRESS_HEADER, (view) => view.setUint32(4, link, true));
  return { type: RTM.GETADDR, flags: NLM_F_DUMP, body };
}

/** The message that adds or removes an address. IPv4 gets a broadcast address, as in Docker. */
export function encodeAddress(type: number, address: Address): Request {
  const { bytes, length } = parsePrefix(address.address);
  const ipv4 = bytes.length === 4;
  const body = new Writer().struct(ADDRESS_HEADER, (view) => {
    view.setUint8(0, ipv4 ? AF_INET : AF_INET6);
    view.setUint8(1, length);
    view.setUint8(3, scopes[address.scope]);
    view.setUint32(4, address.link, true);
  });
  body.data(IFA.LOCAL, bytes).data(IFA.ADDRESS, bytes);
  if (type === RTM.NEWADDR) {
    if (address.nodad === true) body.u32(IFA.FLAGS, IFA_F_NODAD);
    if (ipv4 && length < 31 && address.scope !== 'host') body.data(IFA.BROADCAST, broadcast(bytes, length));
  }
  return { type, flags: type === RTM.NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0, body };
}

export function decodeAddress(message: Message): Address | undefined {
  if (message.type !== RTM.NEWADDR && message.type !== RTM.DELADDR) return undefined;
  const header = viewOf(message.body);
  const attributes = new Attributes(message.body.subarray(ADDRESS_HEADER));
  // IFA_ADDRESS is the other end's on point-to-point links
  const bytes = attributes.data(IFA.LOCAL) ?? attributes.data(IFA.ADDRESS);
  const scope = keyOf(scopes, header.getUint8(3));
  if (bytes === undefined || scope === undefined || scope === 'nowhere') return undefined;
  const flags = attributes.u32(IFA.FLAGS) ?? header.getUint8(2);
  return {
    link: header.getUint32(4, true),
    address: `${addressText(bytes)}/${header.getUint8(1)}`,
    scope,
    ...((flags & IFA_F_NODAD) === 0 ? {} : { nodad: true }),
    ...((flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) !== 0 && { isTentative: true }),
  };
}

function broadcast(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, index) => byte | (0xff >> Math.min(8, Math.max(0, length - index * 8))));
}
