/**
 * Holds a port of the host while it is published, by a socket that is bound but never listens, so that no other
 * program takes it. Packets to it are translated (DNAT) before any socket is looked up.
 */

import { fail, type SeawayError } from '../../errors.ts';
import { joinHostPort } from '../../net/address.ts';
import {
  AF_INET,
  AF_INET6,
  errno,
  IPPROTO_IPV6,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_V6ONLY,
  SO_RCVBUF,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import type { HeldSocket, PortPlace, PortProtocol } from '../flows.ts';
import type { Namespace } from '../kernel.ts';
import { viewOf } from '../netlink/attributes.ts';
import { addressBytes } from '../netlink/inet.ts';
import { setOption } from '../netlink/socket.ts';

const sockets = {
  tcp: { type: SOCK_STREAM, number: IPPROTO_TCP },
  udp: { type: SOCK_DGRAM, number: IPPROTO_UDP },
  sctp: { type: SOCK_STREAM, number: IPPROTO_SCTP },
} as const;

/** Binds the port and returns the function that releases it. Throws PORT_IN_USE. */
export function holdPort(host: Namespace, protocol: PortProtocol, address: string, port: number): () => void {
  const fd = host.inside(() => openPort(protocol, address, port));
  if (fd === undefined) return () => undefined;
  let held = true;
  return () => {
    if (held) libc.close(fd);
    held = false;
  };
}

/** As `holdPort`, by a socket that is to be listened on. Undefined where the kernel lacks the protocol. */
export function openHeld(host: Namespace, place: PortPlace): HeldSocket | undefined {
  const fd = host.inside(() => openPort(place.protocol, place.address, place.port, { receives: true }));
  if (fd === undefined) return undefined;
  // the connections that it will accept inherit it, and would else keep the port for a minute after they have ended
  if (place.protocol === 'tcp') setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  return { fd, close: () => void libc.close(fd) };
}

/**
 * A socket that is bound to the port, in the namespace that the thread is in. Undefined where the kernel lacks the protocol,
 * so that no program can take the port either. Throws PORT_IN_USE.
 */
export function openPort(
  protocol: PortProtocol,
  address: string,
  port: number,
  { receives = false } = {},
): number | undefined {
  const where = sockaddr(address, port);
  const doing = `bind host port ${joinHostPort(address, port)}/${protocol}`;
  const fd = openSocket(protocol, where.family, { doing, receives });
  if (fd === undefined) return undefined;
  const reason = bindTo(fd, protocol, where.bytes);
  if (reason === 0) return fd;
  libc.close(fd);
  throw bindError(reason, doing, address, port);
}

function openSocket(
  protocol: PortProtocol,
  family: number,
  { doing, receives }: { readonly doing: string; readonly receives: boolean },
): number | undefined {
  const { type, number } = sockets[protocol];
  const fd = libc.socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, number);
  if (fd >= 0) {
    if (family === AF_INET6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    // packets that arrive before the rules exist need not be queued
    if (!receives) setOption(fd, SOL_SOCKET, SO_RCVBUF, 0);
    return fd;
  }
  const reason = libc.lastErrno();
  if (protocol === 'sctp' && reason === errno.EPROTONOSUPPORT) return undefined;
  throw kernelError(doing, reason);
}

/**
 * 0 or an errno. Two sockets with SO_REUSEADDR can be bound to the same port while none listens, so the first
 * attempt is without it. Connections of an earlier server stay in TIME_WAIT for a minute and conflict unless
 * SO_REUSEADDR is set; it is cleared at once, so that a later bind is refused.
 */
function bindTo(fd: number, protocol: PortProtocol, where: Uint8Array): number {
  if (libc.bind(fd, where, where.length) === 0) return 0;
  const reason = libc.lastErrno();
  if (reason !== errno.EADDRINUSE || protocol !== 'tcp') return reason;
  setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  const again = libc.bind(fd, where, where.length) === 0 ? 0 : libc.lastErrno();
  setOption(fd, SOL_SOCKET, SO_REUSEADDR, 0);
  return again;
}

/** struct sockaddr_in or sockaddr_in6. */
function sockaddr(address: string, port: number): { family: number; bytes: Uint8Array } {
  const ip = addressBytes(address);
  const family = ip.length === 4 ? AF_INET : AF_INET6;
  const bytes = new Uint8Array(family === AF_INET ? 16 : 28);
  viewOf(bytes).setUint16(0, family, true);
  viewOf(bytes).setUint16(2, port, false);
  bytes.set(ip, family === AF_INET ? 4 : 8);
  return { family, bytes };
}

function bindError(reason: number, doing: string, address: string, port: number): SeawayError {
  if (reason === errno.EADDRINUSE) return fail('PORT_IN_USE', joinHostPort(address, port));
  return kernelError(doing, reason);
}
