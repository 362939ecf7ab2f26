/**
 * Descriptors that the resolver opens inside a sandbox (`Namespace.inside`) and serves from the main loop
 * by `dgram`'s `bind({ fd })`, `net.Server`'s `listen({ fd })` and `new net.Socket({ fd })`.
 */
import {
  AF_INET,
  AF_INET6,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from './ffi/constants.ts';
import { checked } from './ffi/fault.ts';
import { bind, close, setsockopt, socket } from './ffi/libc.ts';

/** A UDP socket, bound to an IPv4 address and a port that the kernel chooses. Errors: KERNEL. */
export const openBoundUdp = (address: string): number => openBound(SOCK_DGRAM, address);

/** A TCP socket, bound likewise, that does not listen yet (`server.listen({ fd })` does). */
export const openBoundTcp = (address: string): number => openBound(SOCK_STREAM, address);

/** A TCP socket to ask a server through, not connected yet. */
export function openTcpClient(server: string): number {
  return open(SOCK_STREAM, server.includes(':') ? AF_INET6 : AF_INET);
}

/** A UDP socket to ask a server through, bound to a port that the kernel chooses. */
export function openUdpClient(server: string): number {
  const family = server.includes(':') ? AF_INET6 : AF_INET;
  // struct sockaddr_in6 (ipv6(7)) is the longer one: family, then nothing but zeros
  const anywhere = Buffer.alloc(28);
  anywhere.writeUInt16LE(family, 0);
  return bound(open(SOCK_DGRAM, family), { socketAddress: anywhere, what: 'any port' });
}

/**
 * Have a UDP socket's port for oneself. libuv lets every socket that it is handed share its port with
 * others that do so too (SO_REUSEADDR), and the kernel then gives out ports twice: answers would go to
 * whoever came last.
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
