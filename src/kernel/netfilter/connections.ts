/**
 * Lets the kernel track the TCP connections that a namespace has already. Without this it takes the end that sends the next
 * packet for the one that opened the connection (nf_conntrack_tcp_loose).
 */
import { setImmediate } from 'node:timers/promises';
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import type { Namespace } from '../kernel.ts';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket.ts';
import { readProcNet } from '../netns/proc-net.ts';
import { connectionsOf, parseSockets, type TcpSocket, trackConnection } from './connections-codec.ts';

/** Connections that one request tells of. */
const atOnce = 50;
/** Characters that one turn of the event loop reads, some 1,700 lines: a container may have very many connections. */
const perTurn = 256 * 1024;

export async function trackConnections(namespace: Pick<Namespace, 'inside'>): Promise<void> {
  const sockets: TcpSocket[] = [];
  for (const file of ['tcp', 'tcp6'])
    for (const part of partsOf(await readProcNet(namespace, file))) {
      for (const socket of parseSockets(part)) sockets.push(socket);
      await setImmediate();
    }
  const connections = connectionsOf(sockets);
  if (connections.length === 0) return;
  const socket = namespace.inside(() => new NetlinkSocket(NETLINK_NETFILTER));
  try {
    for (let at = 0; at < connections.length; at += atOnce) {
      const some = connections.slice(at, at + atOnce);
      for (const answer of await socket.requestMany(some.map(trackConnection)))
        if (answer.errno !== 0 && answer.errno !== errno.EEXIST)
          throw kernelError('track a connection', answer.errno, answer.extack);
    }
  } finally {
    socket.close();
  }
}

/** Whole lines. */
function* partsOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at + perTurn);
    const next = end < 0 ? text.length : end + 1;
    yield text.slice(at, next);
    at = next;
  }
}
