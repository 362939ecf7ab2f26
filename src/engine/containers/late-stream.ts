/**
 * A stream for a client before its process exists: `docker run` attaches before it starts. Input waits, with
 * back-pressure, until the stream is joined to the real one.
 */
import { Duplex } from 'node:stream';

export class LateStream extends Duplex {
  #inner: Duplex | undefined;
  #waiting: (() => void) | undefined;
  #hasRoom: () => void = () => undefined;

  constructor() {
    super({ allowHalfOpen: true });
  }

  /** Passes earlier output on as fast as the client reads it. Resolves at its end or when the client has gone. */
  async replay(output: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of output) {
      if (this.destroyed) return;
      if (!this.push(chunk)) await this.#room();
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#hasRoom = resolve;
      if (this.destroyed) resolve();
    });
  }

  /** Joins the process's stream; to be called once. Its end is passed on when `settled` is resolved or rejected. */
  join(inner: Duplex, settled: () => Promise<unknown> = () => Promise.resolve()): void {
    if (this.destroyed) {
      // the client has gone; an unread stream would block the process
      inner.once('error', () => {});
      inner.destroy();
      return;
    }
    this.#inner = inner;
    inner.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inner.pause();
    });
    let left = false;
    inner.once('end', () => {
      (left ? Promise.resolve() : settled()).catch(() => undefined).finally(() => this.push(null));
    });
    inner.once('close', () => {
      if (!inner.readableEnded) this.push(null);
    });
    inner.once('error', (error) => this.destroy(error));
    inner.once('detached', () => {
      left = true;
      this.emit('detached');
    });
    this.#waiting?.();
    this.#waiting = undefined;
  }

  override _read(): void {
    this.#hasRoom();
    this.#inner?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#joined((inner) => {
      if (inner.writable) inner.write(chunk, done);
      else done();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#joined((inner) => {
      if (inner.writable) inner.end();
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#hasRoom();
    this.#inner?.destroy();
    done(error);
  }

  #joined(use: (inner: Duplex) => void): void {
    if (this.#inner) use(this.#inner);
    else
      this.#waiting = () => {
        if (this.#inner) use(this.#inner);
      };
  }
}
