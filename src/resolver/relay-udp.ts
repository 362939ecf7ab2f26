/** Datagrams to one port of the host: each client has a socket of its own to the container. */
import { createSocket, type Socket } from 'node:dgram';
import { familyOf } from '../net/family.ts';
import { adoptUdp, noLookup } from './origin.ts';
import type { RelayListener, RelayRoom, RelayTarget } from './relay.ts';

/** Milliseconds without a datagram after which a client is forgotten, as in Docker's proxy. */
const idle = 90_000;
const sweepEvery = 10_000;

interface Client {
  readonly onward: Socket;
  last: number;
}

interface Relaying {
  readonly fd: number;
  readonly to: RelayTarget;
  readonly room: RelayRoom;
}

export function relayUdp({ fd, to, room }: Relaying): RelayListener {
  const listener = createSocket({ type: 'udp6', lookup: noLookup });
  const clients = new Clients(listener, room);
  let target = to;
  listener.on('message', (message, { address, port }) => clients.pass(message, { address, port }, target));
  // about one datagram
  listener.on('error', () => {});
  adoptUdp(listener, fd);
  return {
    lead(next) {
      target = next;
      clients.forgetAll();
    },
    close() {
      clients.close();
      listener.close();
    },
  };
}

class Clients {
  readonly #listener: Socket;
  readonly #room: RelayRoom;
  readonly #all = new Map<string, Client>();
  readonly #sweep: NodeJS.Timeout;

  constructor(listener: Socket, room: RelayRoom) {
    this.#listener = listener;
    this.#room = room;
    this.#sweep = setInterval(() => this.#forgetIdle(), sweepEvery).unref();
  }

  /** From port 0, which a raw socket can send from, there is no way back. */
  pass(message: Buffer, from: RelayTarget, target: RelayTarget): void {
    if (from.port === 0) return;
    const key = `${from.port} ${from.address}`;
    const client = this.#all.get(key) ?? this.#add(key, from, target);
    if (!client) return;
    client.last = performance.now();
    client.onward.send(message, target.port, target.address);
  }

  forgetAll(): void {
    for (const key of [...this.#all.keys()]) this.#forget(key);
  }

  close(): void {
    clearInterval(this.#sweep);
    this.forgetAll();
  }

  /** Undefined where there is no room, or no descriptor. */
  #add(key: string, from: RelayTarget, target: RelayTarget): Client | undefined {
    if (!this.#room.enter()) return undefined;
    const onward = createSocket({ type: familyOf(target.address) === 6 ? 'udp6' : 'udp4', lookup: noLookup });
    const client: Client = { onward, last: 0 };
    this.#all.set(key, client);
    onward.on('message', (answer, { address, port }) => {
      if (address !== target.address || port !== target.port) return;
      client.last = performance.now();
      this.#listener.send(answer, from.port, from.address);
    });
    onward.on('error', () => this.#forget(key));
    return client;
  }

  #forgetIdle(): void {
    const since = performance.now() - idle;
    for (const [key, { last }] of this.#all) if (last < since) this.#forget(key);
  }

  #forget(key: string): void {
    const client = this.#all.get(key);
    if (!client) return;
    this.#all.delete(key);
    this.#room.leave();
    client.onward.close();
  }
}
