/** DNS over TCP: each message has its length before it, two bytes (RFC 1035, 4.2.2; RFC 7766). */

/** Prefixes the message with its length. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(message.length + 2);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, 2);
  return frame;
}

/** Reassembles messages from chunks. */
export class FrameQueue {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  /** The next message; undefined while it is incomplete. */
  next(): Buffer | undefined {
    if (this.#rest.length < 2) return undefined;
    const end = 2 + this.#rest.readUInt16BE(0);
    if (this.#rest.length < end) return undefined;
    const message = this.#rest.subarray(2, end);
    this.#rest = this.#rest.subarray(end);
    return message;
  }
}

/** A function that accepts chunks and calls `take` with each complete message. */
export function createUnframer(take: (message: Buffer) => void): (chunk: Buffer) => void {
  const queue = new FrameQueue();
  return (chunk) => {
    queue.push(chunk);
    for (let message = queue.next(); message; message = queue.next()) take(message);
  };
}
