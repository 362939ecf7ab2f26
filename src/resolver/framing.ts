/** DNS over TCP: each message has its length before it, two bytes (RFC 1035, 4.2.2; RFC 7766). */

/** The message with its length before it. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(message.length + 2);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, 2);
  return frame;
}

/** A function that takes what arrives, in whatever pieces, and calls `take` with each whole message. */
export function createUnframer(take: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 2) {
      const end = 2 + rest.readUInt16BE(0);
      if (rest.length < end) return;
      take(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
  };
}
