/** One connection to a ZooKeeper server. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { pause } from '../deadline.ts';
import { Late } from '../liveness.ts';
import type { Address } from '../source.ts';
import type { TlsMaterial } from '../tls.ts';
import { Frames, Reader, Writer } from './jute.ts';
import {
  type Body,
  connectRequest,
  type Handshake,
  opcode,
  readWelcome,
  type Welcome,
  xid,
} from './protocol.ts';

export type Reply = { readonly zxid: number; readonly error: number; readonly reader: Reader };

/** The connection was lost. Pending requests may have been done. */
export class Lost extends Error {}

/** The server does not know the session any more. */
export class Expired extends Error {}

/** Milliseconds between pings, unless the session is shorter. */
const beating = 1_000;
/** Milliseconds for connecting, for the handshakes after that, and for ending a session. */
const [dialling, greeting, parting] = [1_500, 5_000, 1_000];
/** The largest message in bytes. */
const largest = 64 * 1024 * 1024;

type Waiting = { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void };

export class Connection {
  readonly session: bigint;
  readonly password: Buffer;
  /** The session timeout that the server granted, in milliseconds. */
  readonly timeout: number;
  /** The highest zxid that the server reported. */
  lastZxid = 0;
  readonly ended: Promise<void>;
  readonly address: Address;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(path: string) => void>();
  readonly #timer: NodeJS.Timeout;
  #drawn = 0;
  #heard = performance.now();
  #error: Error | undefined;

  constructor(
    socket: Socket,
    { session, password, timeout }: Welcome,
    { frames, address }: { readonly frames: Frames; readonly address: Address },
  ) {
    this.address = address;
    this.session = session;
    this.password = password;
    this.timeout = timeout;
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    socket.on('data', (part: Buffer) => this.#receive(frames, part));
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('close', () => {
      this.#end();
      resolve();
    });
    this.#timer = setInterval(() => this.#beat(), Math.min(beating, timeout / 4));
    this.#timer.unref();
  }

  /** The time of the last message, as of `performance.now()`. */
  get heard(): number {
    return this.#heard;
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** The server counts as gone after two thirds without a message. */
  #beat(): void {
    if (performance.now() - this.#heard > (this.timeout * 2) / 3) this.fail(new Lost('i/o timeout'));
    else this.#socket.write(new Writer().int(xid.ping).int(opcode.ping).framed());
  }

  #receive(frames: Frames, part: Buffer): void {
    try {
      for (const message of frames.take(part)) this.#take(new Reader(message));
    } catch (thrown) {
      this.fail(thrown instanceof Error ? thrown : new Lost(String(thrown)));
    }
  }

  /** Only complete messages count as signs of life: after a corrupt length, everything looks like part of one message. */
  #take(reader: Reader): void {
    this.#heard = performance.now();
    const number = reader.int();
    const zxid = Number(reader.long());
    const error = reader.int();
    if (number === xid.event) this.#handleEvent(reader);
    if (zxid > 0) this.lastZxid = Math.max(this.lastZxid, zxid);
    this.#waiting.get(number)?.resolve({ zxid, error, reader });
    this.#waiting.delete(number);
  }

  #handleEvent(reader: Reader): void {
    reader.int();
    reader.int();
    const path = reader.text();
    for (const listener of this.#listeners) listener(path);
  }

  /** Reports paths of nodes that were created, changed or deleted below a watched node. Returns a function that stops it. */
  onChange(listener: (path: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Rejects with Lost if the connection ends before the reply. */
  ask(type: number, body: Body): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    if (!this.isOpen) return Promise.reject(this.#lost());
    const number = ++this.#drawn;
    this.#waiting.set(number, { resolve, reject });
    this.#socket.write(body(new Writer().int(number).int(type)).framed());
    return promise;
  }

  #lost(): Error {
    return new Lost('connection lost', {
      cause: this.#error ?? new Error('connection closed by the server'),
    });
  }

  /** Ends it without a word to the server. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  #end(): void {
    clearInterval(this.#timer);
    for (const { reject } of this.#waiting.values()) reject(this.#lost());
    this.#waiting.clear();
  }

  /** Ends the session and its ephemeral nodes if the server can be reached, and closes the connection. */
  async close(): Promise<void> {
    if (this.isOpen) {
      const over = new AbortController();
      const said = this.ask(opcode.closeSession, (writer) => writer).catch(() => undefined);
      await Promise.race([said, pause(parting, over.signal)]);
      over.abort();
    }
    this.#socket.destroy();
    this.#end();
  }
}

type Connecting = { readonly tls?: TlsMaterial; readonly handshake: Handshake; readonly signal: AbortSignal };

/** Connects and resumes or begins a session. Throws Expired if the session to be resumed is gone. */
export async function openConnection(
  { host, port }: Address,
  { tls, handshake, signal }: Connecting,
): Promise<Connection> {
  const socket = tls ? connectSecure({ host, port, ...tls }) : connectPlain({ host, port });
  const frames = new Frames(largest);
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const slow = (): void => reject(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' }));
  let late = setTimeout(slow, dialling);
  socket.once('connect', () => {
    clearTimeout(late);
    late = setTimeout(() => reject(new Late()), greeting);
  });
  const stopped = (): void => reject(signal.reason);
  const first = (part: Buffer): void => {
    try {
      const [message] = frames.take(part);
      if (message === undefined) return;
      socket.removeListener('data', first);
      const welcome = readWelcome(new Reader(message));
      if (welcome.timeout <= 0) throw new Expired('the session is over');
      resolve(new Connection(socket, welcome, { frames, address: { host, port } }));
    } catch (thrown) {
      reject(thrown);
    }
  };
  signal.addEventListener('abort', stopped, { once: true });
  socket.setNoDelay(true);
  socket.on('data', first);
  socket.on('error', reject);
  socket.once('close', () => reject(new Error('connection closed by the server')));
  socket.once(tls ? 'secureConnect' : 'connect', () => socket.write(connectRequest(handshake)));
  try {
    return await promise;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', stopped);
  }
}
