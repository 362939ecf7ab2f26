/**
 * Descriptors that the resolver opens inside a sandbox (`Namespace.inside`) and serves from the main loop
 * by `dgram`'s `bind({ fd })`, `net.Server`'s `listen({ fd })` and `new net.Socket({ fd })`.
 */
import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM } from './ffi/constants.ts';
import { checked } from './ffi/fault.ts';
import { bind, close, socket } from './ffi/libc.ts';

/** A UDP socket, bound to an IPv4 address and a port that the kernel chooses. Errors: KERNEL. */
export const openBoundUdp = (address: string): number => openBound(SOCK_DGRAM, address);

/** A TCP socket, bound likewise, that does not listen yet (`server.listen({ fd })` does). */
export const openBoundTcp = (address: string): number => openBound(SOCK_STREAM, address);

/** A socket to ask a server through, not yet bound or connected. */
export function openClient(transport: 'udp' | 'tcp', server: string): number {
  const type = transport === 'udp' ? SOCK_DGRAM : SOCK_STREAM;
  return open(type, server.includes(':') ? AF_INET6 : AF_INET);
}

function open(type: number, family: number): number {
  return checked(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'opening a socket');
}

function openBound(type: number, address: string): number {
  const fd = open(type, AF_INET);
  try {
    checked(bind(fd, ipv4SocketAddress(address), 16), `binding a socket to "${address}"`);
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
