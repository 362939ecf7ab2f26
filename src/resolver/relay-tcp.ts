/** Connections of one port of the host, each passed on by another one. */
import { createServer, Socket } from 'node:net';
import { noLookup } from './origin.ts';
import type { RelayListener, RelayRoom, RelayTarget } from './relay.ts';

/** Milliseconds for the container to take a connection. */
const patience = 30_000;
/** Milliseconds without a byte before the kernel asks whether the other end is there. */
const keepAlive = 60_000;
const backlog = 512;
/** Bytes under way in each direction of a connection: what a client that never reads may keep here. The kernel's buffers hold more. */
const highWaterMark = 64 * 1024;

interface Relaying {
  readonly fd: number;
  readonly to: RelayTarget;
  readonly room: RelayRoom;
}

export function relayTcp({ fd, to, room }: Relaying): RelayListener {
  const open = new Set<Socket>();
  let target = to;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, highWaterMark }, (client) => {
    if (!room.enter()) return void client.resetAndDestroy();
    const onward = join(client, target);
    for (const one of [client, onward]) {
      open.add(one);
      one.on('close', () => open.delete(one));
    }
    client.on('close', () => room.leave());
  });
  // a connection that cannot be accepted (no descriptors left) must not end the process
  server.on('error', () => {});
  server.listen({ fd, backlog });
  return {
    lead(next) {
      target = next;
    },
    close() {
      server.close();
      for (const one of open) one.destroy();
    },
  };
}

/** The stream's option, which the types of `net.Socket` lack. */
const wide = { allowHalfOpen: true, highWaterMark };

/** Passes on what each end says, and its end. A container that refuses is told by a reset, as without a relay. */
function join(client: Socket, { address, port }: RelayTarget): Socket {
  const onward = new Socket(wide);
  const abort = (): void => {
    client.resetAndDestroy();
    onward.destroy();
  };
  onward.setTimeout(patience, abort);
  onward.connect({ host: address, port, lookup: noLookup }, () => {
    onward.setTimeout(0);
    for (const one of [client, onward]) one.setNoDelay(true).setKeepAlive(true, keepAlive);
    client.pipe(onward);
    onward.pipe(client);
  });
  for (const one of [client, onward]) one.on('error', abort);
  client.on('close', () => onward.destroy());
  onward.on('close', () => client.destroySoon());
  return onward;
}
