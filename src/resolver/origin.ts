/**
 * The network namespace from which questions are forwarded: the host's, which is the process's, or a sandbox's.
 */

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { Socket as TcpSocket } from 'node:net';
import { keepPort } from '../kernel/dns-sockets.ts';
import { familyOf } from '../net/family.ts';
import type { UpstreamSockets } from './upstream-sockets.ts';

export interface Origin {
  /** A UDP socket bound to a port of the kernel's choice, not connected yet. */
  udp(server: string): UdpSocket;
  /** A TCP socket, not connected yet. */
  tcp(server: string): TcpSocket;
}

/** Servers are addresses, so a lookup returns them unchanged. */
export const noLookup = (
  host: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void => done(null, host, familyOf(host));

const udpSocket = (server: string): UdpSocket =>
  createSocket({ type: familyOf(server) === 6 ? 'udp6' : 'udp4', lookup: noLookup });

/** Adopts a bound descriptor, which listens at once. */
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
      // without a listener for 'error' Node throws it: no IPv6, no port or descriptor left
      socket.close();
      throw error;
    }
  },
  tcp: () => new TcpSocket(),
};

/** Uses the sockets opened inside a sandbox; throws where all are in use. */
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
