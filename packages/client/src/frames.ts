/**
 * The frames of attach, logs and exec without a terminal (Docker Engine API, "Stream format"): one byte for the
 * stream, three of nothing, the length as four big-endian bytes, then the payload.
 */

export type StreamId = 1 | 2;

const headerLength = 8;
const systemError = 3;

/** Cuts frames out of a byte stream, wherever its chunks end. Payloads are passed on as they come. */
export class Demultiplexer {
  private header = Buffer.alloc(0);
  private stream = 0;
  private left = 0;
  private trouble = '';
  private readonly emit: (stream: StreamId, payload: Buffer) => void;

  constructor(emit: (stream: StreamId, payload: Buffer) => void) {
    this.emit = emit;
  }

  /** Throws when the engine reports an error in the stream, or the frames make no sense. */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.left > 0 ? this.payload(rest) : this.readHeader(rest);
  }

  private payload(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, this.left);
    this.left -= part.length;
    if (this.stream === systemError) {
      this.trouble += part.toString('utf8');
      if (this.left === 0) throw new Error(`error from daemon in stream: ${this.trouble}`);
    } else this.emit(this.stream === 2 ? 2 : 1, part);
    return bytes.subarray(part.length);
  }

  private readHeader(bytes: Buffer): Buffer {
    const wanted = headerLength - this.header.length;
    this.header = Buffer.concat([this.header, bytes.subarray(0, wanted)]);
    if (this.header.length < headerLength) return Buffer.alloc(0);
    this.stream = this.header.readUInt8(0);
    this.left = this.header.readUInt32BE(4);
    if (this.stream > systemError) throw new Error(`Unrecognized input header: ${this.stream}`);
    this.header = Buffer.alloc(0);
    return bytes.subarray(wanted);
  }
}
