/** Sends announcements out of a link, from inside its namespace. */
import {
  AF_PACKET,
  errno,
  MSG_DONTWAIT,
  PACKET_QDISC_BYPASS,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_PACKET,
} from '../ffi/constants.ts';
import { checked, kernelError } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import { offLoop } from '../ffi/off-loop.ts';
import type { Holder } from '../kernel.ts';
import { viewOf } from '../netlink/attributes.ts';
import { setOption } from '../netlink/socket.ts';
import type { Inside } from '../netns/sysctl.ts';
import { announcementFrame } from './frames.ts';

/** The link is gone (bind, send), is down, or has no carrier. */
const unheard: readonly number[] = [errno.ENODEV, errno.ENXIO, errno.ENETDOWN, errno.ENOBUFS];

/** Sends one frame. False where the link is gone, down or without carrier. Throws KERNEL, as without CAP_NET_RAW. */
export function announce(inside: Inside, link: number, holders: readonly Holder[]): boolean {
  const doing = `announce address ${holders.map(({ address }) => address).join(', ')} on link ${link}`;
  const frames = holders.map(({ mac, address }) => announcementFrame(mac, address));
  // protocol 0: nothing is received
  const fd = checked(
    inside(() => libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)),
    doing,
  );
  const reason = sendOut(fd, link, frames);
  closeOffLoop(fd);
  if (reason !== 0 && !unheard.includes(reason)) throw kernelError(doing, reason);
  return reason === 0;
}

/** 0 or an errno. */
function sendOut(fd: number, index: number, frames: readonly Uint8Array[]): number {
  // the queue of a link that came up without a carrier drops packets until linkwatch, which runs later, has
  // updated it; the bypass sends the frame directly to the driver
  setOption(fd, SOL_PACKET, PACKET_QDISC_BYPASS, 1);
  const where = packetAddress(index);
  if (libc.bind(fd, where, where.length) < 0) return libc.lastErrno();
  for (const frame of frames)
    if (libc.send(fd, frame, frame.length, MSG_DONTWAIT) < 0) return libc.lastErrno();
  return 0;
}

/** struct sockaddr_ll (packet(7)) of a link, without a protocol. */
function packetAddress(index: number): Uint8Array {
  const bytes = new Uint8Array(20);
  viewOf(bytes).setUint16(0, AF_PACKET, true);
  viewOf(bytes).setInt32(4, index, true);
  return bytes;
}

/** On a pool thread: closing a packet socket takes an RCU grace period (10 ms). */
function closeOffLoop(fd: number): void {
  void offLoop(
    (done) => libc.close.async(fd, done),
    () => undefined,
  );
}
