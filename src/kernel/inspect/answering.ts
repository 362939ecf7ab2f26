/** Asks by ARP (RFC 826) who has an address, and listens to everybody who answers. */
import { setTimeout as delay } from 'node:timers/promises';
import { announcementFrame } from '../announce/frames.ts';
import { AF_PACKET, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_RAW } from '../ffi/constants.ts';
import { checked } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import type { Namespace } from '../kernel.ts';
import { viewOf } from '../netlink/attributes.ts';
import { addressBytes, addressText, macText } from '../netlink/inet.ts';
import type { ArpQuestion } from './contract.ts';

const ETH_P_ARP = 0x0806;
const ETHERNET = 14;
const ARP_REPLY = 2;
const most = 256;

/** None where the link is gone, is down or does no ARP. */
export async function answering(
  namespace: Namespace,
  { link, address, limit }: ArpQuestion,
): Promise<readonly string[]> {
  const found = namespace.route.findLink(link);
  if (!found?.up || found.noarp || !found.mac) return [];
  const fd = checked(
    namespace.inside(() => libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)),
    'open a socket for ARP',
  );
  try {
    const where = new Uint8Array(20);
    viewOf(where).setUint16(0, AF_PACKET, true);
    viewOf(where).setUint16(2, ETH_P_ARP);
    viewOf(where).setInt32(4, found.index, true);
    if (libc.bind(fd, where, where.length) < 0) return [];
    const own = namespace.route.listAddresses(found.index).find((each) => !each.address.includes(':'));
    const request = arpRequest(found.mac, { from: own?.address.split('/')[0] ?? '0.0.0.0', for: address });
    if (libc.send(fd, request, request.length, MSG_DONTWAIT) < 0) return [];
    await delay(limit);
    return takeReplies(fd, address);
  } finally {
    libc.close(fd);
  }
}

/** An announcement of the sender's address, with the target put in. */
function arpRequest(mac: string, addresses: { readonly from: string; readonly for: string }): Uint8Array {
  const frame = announcementFrame(mac, addresses.from);
  frame.set(addressBytes(addresses.for), ETHERNET + 24);
  return frame;
}

function takeReplies(fd: number, address: string): readonly string[] {
  const macs = new Set<string>();
  const bytes = new Uint8Array(256);
  for (let read = 0; read < most; read++) {
    const length = libc.recv(fd, bytes, bytes.length, MSG_DONTWAIT);
    if (length < 0) break;
    const mac = replyOf(bytes.subarray(0, length), address);
    if (mac !== undefined) macs.add(mac);
  }
  return [...macs];
}

/** The MAC that an ARP reply gives for the address. */
export function replyOf(frame: Uint8Array, address: string): string | undefined {
  if (frame.length < ETHERNET + 28 || viewOf(frame).getUint16(12) !== ETH_P_ARP) return undefined;
  const arp = frame.subarray(ETHERNET);
  if (viewOf(arp).getUint16(6) !== ARP_REPLY || addressText(arp.slice(14, 18)) !== address) return undefined;
  return macText(arp.subarray(8, 14));
}
