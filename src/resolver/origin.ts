/**
 * Where a forwarded question leaves from: the host's network namespace (the process's own), or a
 * sandbox's.
 */

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { Socket as TcpSocket } from 'node:net';
import { keepPort } from '../kernel/dns-sockets.ts';
import { familyOf } from '../net/family.ts';
import type { UpstreamSockets } from './upstream-sockets.ts';

export interface Origin {
  /** A UDP socket that is bound to a port of the kernel's choice, ready to be connected. */
  udp(server: string): UdpSocket;
  /** A TCP socket that is not connected yet. */
  tcp(server: string): TcpSocket;
}

/** Servers are addresses: looking them up is answering with what was asked, at once. */
export const noLookup = (
  host: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void => done(null, host, familyOf(host));

const udpSocket = (server: string): UdpSocket =>
  createSocket({ type: familyOf(server) === 6 ? 'udp6' : 'udp4', lookup: noLookup });

/** Serve a descriptor that is bound already. It listens at once. */
export function adoptUdp(socket: UdpSocket, fd: number): UdpSocket {
  socket.bind({ fd });
  keepPort(fd);
  return socket;
}

export const hostOrigin: Origin = {
  udp(server) {
    const socket = udpSocket(server);
    try {
      return socket.bind({ port: 0, exclusive: true });
    } catch (error) {
      // Nobody listens for 'error' yet, so that Node throws it: no IPv6, no port, no descriptor left.
      socket.close();
      throw error;
    }
  },
  tcp: () => new TcpSocket(),
};

/** By the sockets that were opened inside a sandbox; throws where all of them are in use. */
export function sandboxOrigin(sockets: UpstreamSockets): Origin {
  return {
    udp(server) {
      const { fd, giveBack } = sockets.lend('udp', server);
      return adoptUdp(udpSocket(server).on('close', giveBack), fd);
    },
    tcp(server) {
      const { fd, giveBack } = sockets.lend('tcp', server);
      // `manualStart` (undocumented; lib/net.js): without it the constructor reads before it is connected.
      const options = { fd, manualStart: true } as ConstructorParameters<typeof TcpSocket>[0];
      return new TcpSocket(options).on('close', giveBack);
    },
  };
}
