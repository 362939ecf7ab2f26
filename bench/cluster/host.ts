/** The hosts of `bench/cluster-nodes.ts` and `bench/catch-up.ts`, each a process behind a connection that can be cut. */
import { type ChildProcess, fork } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { parseSource } from '../../src/kv/source.ts';
import type { Order } from './plan.ts';

/** The store, and what a cut does: new connections end at once, or they are taken and nothing passes. */
export interface Way {
  readonly url: string;
  readonly stalls: boolean;
}

/** A connection that counts what the store tells a host, and that can be cut. */
export class Relay {
  bytes = 0;
  #silent = false;
  readonly #way: Way;
  readonly #sockets = new Set<Socket>();
  readonly #listener = createServer((near) => this.#serve(near));

  constructor(way: Way) {
    this.#way = way;
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#listener.listen(0, '127.0.0.1', resolve));
    const place = this.#listener.address();
    return typeof place === 'object' && place ? place.port : 0;
  }

  #serve(near: Socket): void {
    if (this.#silent) {
      near.on('error', () => undefined);
      if (!this.#way.stalls) near.destroy();
      return;
    }
    const [server] = parseSource(this.#way.url).addresses;
    const far = connect({ host: server?.host ?? '', port: server?.port ?? 0 });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (data) => {
        this.bytes += data.length;
        to.write(data);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  /** Nothing passes, also of what is open. */
  silence(silent: boolean): void {
    this.#silent = silent;
    for (const socket of this.#sockets) silent || this.#way.stalls ? socket.pause() : socket.resume();
  }

  close(): void {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A bundle, as an engine's: 25 processes would not load the source at once. */
const program = fileURLToPath(new URL('../../.cache/bench-node.js', import.meta.url));

export async function buildHosts(): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('node.ts', import.meta.url))],
    ...{ outfile: program, bundle: true, platform: 'node', format: 'esm', external: ['koffi', 'lmdb'] },
    // some dependencies are CommonJS and call require for Node's own modules
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
}

export class Node {
  readonly number: number;
  readonly relay: Relay;
  readonly #way: Way;
  readonly #child: ChildProcess;

  constructor(number: number, way: Way) {
    this.number = number;
    this.relay = new Relay(way);
    this.#way = way;
    // the engine's own flags
    const execArgv = ['--max-semi-space-size=1', '--expose-gc'];
    this.#child = fork(program, { execArgv });
  }

  ask<T>(order: Order): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#child.once('message', ({ answer, error }: { answer: T; error?: string }) =>
        error === undefined ? resolve(answer) : reject(new Error(error)),
      );
      this.#child.send(order);
    });
  }

  async begin(): Promise<number> {
    const port = await this.relay.listen();
    return this.ask<number>({
      order: 'begin',
      url: this.#way.url.replace(/\/\/[^/]*/, `//127.0.0.1:${port}`),
      number: this.number,
    });
  }

  async end(): Promise<void> {
    await this.ask({ order: 'end' });
    this.relay.close();
  }
}
