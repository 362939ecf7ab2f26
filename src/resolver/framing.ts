/** DNS over TCP: each message has its length before it, two bytes (RFC 1035, 4.2.2; RFC 7766). */

/** The message with its length before it. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(message.length + 2);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, 2);
  return frame;
}

/** What has arrived, in whatever pieces, and leaves in whole messages. */
export class FrameQueue {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  /** Undefined: the next message has not arrived whole. */
  next(): Buffer | undefined {
    if (this.#rest.length < 2) return undefined;
    const end = 2 + this.#rest.readUInt16BE(0);
    if (this.#rest.length < end) return undefined;
    const message = this.#rest.subarray(2, end);
    this.#rest = this.#rest.subarray(end);
    return message;
  }
}

/** A function that takes what arrives, in whatever pieces, and calls `take` with each whole message. */
export function createUnframer(take: (message: Buffer) => void): (chunk: Buffer) => void {
  const queue = new FrameQueue();
  return (chunk) => {
    queue.push(chunk);
    for (let message = queue.next(); message; message = queue.next()) take(message);
  };
}
