/**
 * A client's stream to a process, over conmon's attach socket. conmon sends packets of one byte, which
 * says where it comes from (2: standard output or the terminal, 3: standard error), and up to 8 KiB of
 * data. When a client reads slowly nothing is read from its socket, and conmon waits: no byte is lost.
 */
import { closeSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { type Poll, pollDescriptor } from '../kernel/ffi/poll-descriptor.ts';
import { createDetachFilter, type DetachFilter } from './detach-keys.ts';
import { connectPacketSocket, receivePacket, sendPacket, shutdownWrites } from './libc.ts';
import type { AttachOptions } from './runtime.ts';

/** conmon's STDIO_BUF_SIZE is 8 KiB, and the byte before it; larger packets would be cut. */
const receiveSize = 64 * 1024;
/** conmon reads at most 8 KiB per packet (CONN_SOCK_BUF_SIZE in its oldest form). */
const sendSize = 8 * 1024;
/** Packets read for one client before the event loop continues with others. */
const packetsPerTurn = 32;

/** Shared, because its content is copied before anything else runs. */
const receiveBuffer = Buffer.allocUnsafe(receiveSize);

/** Docker's stream header: type, three zeroes, length (API, "Stream format"). */
export function frame(type: 1 | 2, data: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(8 + data.length);
  framed.writeUInt32BE(type * 0x1000000, 0);
  framed.writeUInt32BE(data.length, 4);
  framed.set(data, 8);
  return framed;
}

export interface AttachTarget {
  /** Folder of the attach socket. */
  readonly folder: string;
  readonly tty: boolean;
  /** conmon would close the container's standard input when this output-only client disconnects. */
  readonly lingers: boolean;
}

/** See `AttachStream`. Ends with the process; `destroy()` is always safe. */
export class PacketStream extends Duplex {
  readonly #fd: number;
  readonly #poll: Poll;
  readonly #options: AttachOptions;
  readonly #target: AttachTarget;
  readonly #detach: DetachFilter;
  #reading = false;
  #ended = false;
  #unsent: { data: Uint8Array; done: () => void } | undefined;

  constructor(target: AttachTarget, options: AttachOptions) {
    super({ allowHalfOpen: true, autoDestroy: true });
    this.#fd = connectPacketSocket(target.folder, 'attach');
    this.#target = target;
    this.#options = options;
    // Only a terminal's keys are commands, as with dockerd; a file's bytes are data.
    this.#detach = createDetachFilter(target.tty ? options.detachKeys : new Uint8Array());
    this.#poll = pollDescriptor(this.#fd, () => this.#ready());
  }

  override _read(): void {
    this.#reading = true;
    this.#arm();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.#options.stdin || this.#ended) {
      done();
      return;
    }
    const { pass, detached } = this.#detach.feed(chunk);
    this.#unsent = { data: pass, done: detached ? () => this.#leave(done) : done };
    this.#send();
  }

  override _final(done: () => void): void {
    if (this.#options.stdin && !this.#ended) shutdownWrites(this.#fd);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#poll.close();
    if (this.#target.lingers && !this.#ended) drainUntilEnd(this.#fd);
    else closeSync(this.#fd);
    this.#ended = true;
    done(error);
  }

  #leave(done: () => void): void {
    done();
    this.emit('detached');
    this.push(null);
    this.destroy();
  }

  #arm(): void {
    if (this.#ended || this.destroyed) return;
    const readable = this.#reading;
    const writable = this.#unsent !== undefined;
    if (readable || writable) this.#poll.once({ readable, writable });
  }

  #ready(): void {
    this.#send();
    for (let turn = 0; this.#reading && turn < packetsPerTurn; turn += 1) {
      const size = receivePacket(this.#fd, receiveBuffer);
      if (size === 'again') break;
      if (size === 'end') this.#end();
      else this.#deliver(receiveBuffer.subarray(0, size));
    }
    this.#arm();
  }

  #deliver(packet: Buffer): void {
    const isError = packet[0] === 3;
    if (!(isError ? this.#options.stderr : this.#options.stdout)) return;
    const data = packet.subarray(1);
    const framed = this.#options.framed ?? !this.#target.tty;
    this.#reading = this.push(framed ? frame(isError ? 2 : 1, data) : Buffer.from(data));
  }

  /** The process has ended; pending input is dropped. */
  #end(): void {
    this.#ended = true;
    this.#reading = false;
    this.#unsent?.done();
    this.#unsent = undefined;
    this.push(null);
    if (!this.writableEnded) this.end();
  }

  #send(): void {
    const waiting = this.#unsent;
    if (!waiting) return;
    let { data } = waiting;
    while (data.length > 0) {
      const sent = sendPacket(this.#fd, data.subarray(0, sendSize));
      if (sent === 'again') break;
      // standard input is closed: further input is dropped, as in dockerd, until the output ends
      data = sent === 'end' ? new Uint8Array() : data.subarray(sent);
    }
    if (data.length > 0) {
      waiting.data = data;
      this.#arm();
      return;
    }
    this.#unsent = undefined;
    waiting.done();
  }
}

/** Keeps a connection open and discards its output until the process ends. */
function drainUntilEnd(fd: number): void {
  const poll = pollDescriptor(fd, () => {
    let size = receivePacket(fd, receiveBuffer);
    while (typeof size === 'number') size = receivePacket(fd, receiveBuffer);
    if (size === 'again') {
      poll.once({ readable: true, writable: false });
      return;
    }
    poll.close();
    closeSync(fd);
  });
  poll.unref();
  poll.once({ readable: true, writable: false });
}
