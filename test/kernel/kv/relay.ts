/** What lies between a client and a server: a relay of TCP that can be cut, go silent, or answer what it likes. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll } from 'vitest';
import { freeAddress } from './server.ts';

export type Relay = {
  readonly address: string;
  /** Connections end, and new ones are refused. */
  cut(): Promise<void>;
  /** Connections stay open and new ones are accepted, but nothing passes. */
  silence(): void;
  /** Connections that are open stay so, and nothing passes by them; new ones are served. */
  forget(): void;
  mend(): Promise<void>;
};

export async function openRelay({
  address: server,
  port,
}: {
  address: string;
  port: number;
}): Promise<Relay> {
  const address = freeAddress();
  const pairs = new Set<readonly [Socket, Socket]>();
  let silent = false;
  let listener: Server | undefined;

  const serve = (near: Socket): void => {
    const far = connect({ host: server, port });
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (data) => to.write(data));
      from.on('error', () => undefined);
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (silent) from.pause();
    }
  };
  const listen = async (): Promise<void> => {
    const made = createServer(serve);
    listener = made;
    await new Promise<void>((resolve) => made.listen(port, address, resolve));
  };
  const end = async (): Promise<void> => {
    const closed = new Promise((resolve) => (listener ? listener.close(resolve) : resolve(undefined)));
    listener = undefined;
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    await closed;
  };
  await listen();
  afterAll(end);
  return {
    address,
    cut: end,
    silence: () => {
      silent = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    forget: () => {
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    mend: async () => {
      silent = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
      if (listener === undefined) await listen();
    },
  };
}

export type Nonsense = { readonly address: string; close(): void };

/** A server that answers nonsense: each connection is handed to `answer`. */
export async function openNonsense(port: number, answer: (socket: Socket) => void): Promise<Nonsense> {
  const address = freeAddress();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  return {
    address,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
