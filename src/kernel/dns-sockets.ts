/**
 * Descriptors that the engine opens inside a sandbox (`Namespace.inside`) and the resolver serves from its main
 * loop by `dgram`'s `bind({ fd })`, `net.Server`'s `listen({ fd })` and `new net.Socket({ fd })`.
 */
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  F_DUPFD_CLOEXEC,
  MSG_DONTWAIT,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from './ffi/constants.ts';
import { checked } from './ffi/fault.ts';
import { bind, close, connect, fcntl, recv, setsockopt, socket } from './ffi/libc.ts';

/** A UDP socket, bound to an IPv4 address and a port that the kernel chooses. Errors: KERNEL. */
export const openBoundUdp = (address: string): number => openBound(SOCK_DGRAM, address);

/** A TCP socket, bound likewise, that does not listen yet (`server.listen({ fd })` does). */
export const openBoundTcp = (address: string): number => openBound(SOCK_STREAM, address);

/** A socket for queries to servers; `connect` chooses its port. Errors: KERNEL. */
export const openUpstream = (transport: 'udp' | 'tcp', family: 4 | 6): number =>
  open(transport === 'udp' ? SOCK_DGRAM : SOCK_STREAM, family === 6 ? AF_INET6 : AF_INET);

/**
 * Disconnects a socket (connect(2), AF_UNSPEC) and discards what has arrived. It then has no peer and no port, and
 * can be connected again.
 */
export function disconnect(fd: number): void {
  const nobody = Buffer.alloc(16);
  nobody.writeUInt16LE(AF_UNSPEC, 0);
  connect(fd, nobody, nobody.length);
  const rest = Buffer.alloc(1);
  while (recv(fd, rest, rest.length, MSG_DONTWAIT) > 0);
}

/** Another descriptor of the same socket. Errors: KERNEL. */
export const duplicate = (fd: number): number =>
  checked(fcntl(fd, F_DUPFD_CLOEXEC, 0), 'duplicating a socket');

/**
 * Clears SO_REUSEADDR, which libuv sets on sockets that it is given. With it the kernel may assign a port twice, and
 * answers would go to the last socket.
 */
export function keepPort(fd: number): void {
  checked(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, Buffer.alloc(4), 4), 'keeping a port');
}

function open(type: number, family: number): number {
  return checked(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'opening a socket');
}

function openBound(type: number, address: string): number {
  return bound(open(type, AF_INET), { socketAddress: ipv4SocketAddress(address), what: `"${address}"` });
}

function bound(
  fd: number,
  { socketAddress, what }: { readonly socketAddress: Uint8Array; readonly what: string },
): number {
  try {
    checked(bind(fd, socketAddress, socketAddress.length), `binding a socket to ${what}`);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** `struct sockaddr_in` (ip(7)): family in the machine's order, port 0, address. */
function ipv4SocketAddress(address: string): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.set(address.split('.').map(Number), 4);
  return bytes;
}
