/** A connection to the system message bus. */
import { connect, type Socket } from 'node:net';
import { fail } from '../errors.ts';
import { type Call, decode, encodeCall, kinds, lengthOf, type Message } from './message.ts';
import type { Value } from './wire.ts';

export const busName = 'org.freedesktop.DBus';
const busPath = '/org/freedesktop/DBus';
/** Milliseconds for one call. A reload of firewalld takes several seconds. */
const patience = 20_000;

export interface Bus {
  /** Resolves with the values of the reply. Throws DBUS_REFUSED for an error reply, DBUS if there is no reply. */
  call(call: Call): Promise<readonly Value[]>;
  /** Calls a method of the bus itself. */
  ask(member: string, signature?: string, values?: readonly Value[]): Promise<readonly Value[]>;
  close(): void;
}

export interface Listener {
  signal(message: Message): void;
  /** The connection has ended other than by `close`. */
  lost(why: Error): void;
}

/** The socket path in an address such as DBUS_SYSTEM_BUS_ADDRESS; undefined if it has none, or malformed escapes. */
export function socketOf(address: string): string | undefined {
  const path = /(?:^|;)unix:(?:[^;]*,)?path=([^,;]+)/.exec(address)?.[1];
  if (path === undefined) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Connects and authenticates as the user of the process. */
export async function openBus(path: string, listener: Listener): Promise<Bus> {
  const connection = new Connection(path, listener);
  try {
    await connection.begin();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

interface Waiting {
  readonly what: string;
  readonly timer: NodeJS.Timeout;
  resolve(values: readonly Value[]): void;
  reject(error: Error): void;
}

class Connection implements Bus {
  readonly #path: string;
  readonly #listener: Listener;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #bytes: Buffer = Buffer.alloc(0);
  /** Until it has accepted the authentication, the bus answers in lines. */
  #isAccepted = false;
  #isClosed = false;
  #serial = 0;

  constructor(path: string, listener: Listener) {
    this.#path = path;
    this.#listener = listener;
    this.#socket = connect(path);
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#end(fail('DBUS', `talk to ${path}`, error.message)));
    this.#socket.on('close', () => this.#end(fail('DBUS', `talk to ${path}`, 'the connection has ended')));
  }

  /** The lines and the first call are sent without waiting for an answer: the bus reads them in order. */
  async begin(): Promise<void> {
    const user = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
    this.#socket.write(`\0AUTH EXTERNAL ${user}\r\nBEGIN\r\n`);
    await this.ask('Hello');
  }

  ask(member: string, signature = '', values: readonly Value[] = []): Promise<readonly Value[]> {
    const call = { destination: busName, path: busPath, interface: busName, member };
    return this.call({ ...call, signature, values });
  }

  call(call: Call): Promise<readonly Value[]> {
    const what = `${call.interface}.${call.member}`;
    if (this.#isClosed) return Promise.reject(fail('DBUS', what, 'the connection has ended'));
    const serial = ++this.#serial;
    const message = encodeCall(call, serial);
    return new Promise((resolve, reject) => {
      const late = (): void => {
        this.#waiting.delete(serial);
        reject(fail('DBUS', what, `there is no answer after ${patience / 1000} s`));
      };
      this.#waiting.set(serial, { what, timer: setTimeout(late, patience).unref(), resolve, reject });
      this.#socket.write(message);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
    this.#refuse(fail('DBUS', `talk to ${this.#path}`, 'it was closed'));
  }

  #receive(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    try {
      if (!this.#isAccepted && !this.#accept()) return;
      for (let message = this.#next(); message; message = this.#next()) this.#handle(message);
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #accept(): boolean {
    const end = this.#bytes.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.#bytes.toString('latin1', 0, end);
    if (!line.startsWith('OK ')) throw fail('DBUS', `talk to ${this.#path}`, `it answers "${line}"`);
    this.#bytes = this.#bytes.subarray(end + 2);
    this.#isAccepted = true;
    return true;
  }

  #next(): Message | undefined {
    const length = lengthOf(this.#bytes);
    if (length === undefined || this.#bytes.length < length) return undefined;
    const message = decode(this.#bytes.subarray(0, length));
    this.#bytes = this.#bytes.subarray(length);
    return message;
  }

  #handle(message: Message): void {
    if (message.kind === kinds.signal) this.#listener.signal(message);
    const waiting = this.#waiting.get(message.replyTo);
    if (!waiting) return;
    this.#waiting.delete(message.replyTo);
    clearTimeout(waiting.timer);
    const text = String(message.values[0] ?? '') || message.errorName;
    if (message.kind === kinds.reply) waiting.resolve(message.values);
    else waiting.reject(fail('DBUS_REFUSED', waiting.what, text));
  }

  #end(why: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    this.#refuse(why);
    this.#listener.lost(why);
  }

  #refuse(why: Error): void {
    for (const { timer, reject } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(why);
    }
    this.#waiting.clear();
  }
}
