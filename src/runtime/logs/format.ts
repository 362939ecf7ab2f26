/** Log lines to what a client of the logs route reads. Pure but for its memory of open lines. */
import type { LogOptions } from '../runtime.ts';
import { headLength, isFull, streamOf, timeOf, utcOf, utcOfNanoseconds } from './line.ts';

export interface Formatter {
  /**
   * What a piece of log becomes; `piece` ends with a newline. `over`: a line was later than `until`,
   * nothing more is wanted.
   */
  format(piece: Buffer): { readonly output: Buffer; readonly over: boolean };
}

const newline = 10;
const frameLength = 8;
/** Bytes up to which a loop copies faster than a call does. */
const shortText = 48;

/** A buffer that is written from its start on. */
class Writer {
  readonly bytes: Buffer;
  length = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** Docker's header: the stream, three zeros, the length. Its length is known when the frame is closed. */
  openFrame(stream: 'stdout' | 'stderr'): number {
    const { bytes, length } = this;
    bytes[length] = stream === 'stdout' ? 1 : 2;
    bytes[length + 1] = bytes[length + 2] = bytes[length + 3] = 0;
    this.length = length + frameLength;
    return this.length;
  }

  closeFrame(start: number): void {
    const { bytes } = this;
    const size = this.length - start;
    bytes[start - 4] = size >>> 24;
    bytes[start - 3] = size >>> 16;
    bytes[start - 2] = size >>> 8;
    bytes[start - 1] = size;
  }

  text(text: string): void {
    this.length += this.bytes.write(text, this.length, 'latin1');
  }

  copy(from: Buffer, start: number, end: number): void {
    const { bytes, length } = this;
    if (end - start > shortText) from.copy(bytes, length, start, end);
    else for (let at = start; at < end; at += 1) bytes[length + at - start] = from[at] ?? 0;
    this.length = length + end - start;
  }
}

/** Raw with a terminal, else with Docker's 8-byte headers, one per line as Docker has them. */
export function createFormatter(options: LogOptions & { readonly tty: boolean }): Formatter {
  const { since, until, timestamps, tty } = options;
  const [from, to] = [since, until].map((limit) =>
    limit === undefined ? undefined : utcOfNanoseconds(limit),
  );
  const limited = from !== undefined || to !== undefined;
  const wanted = { stdout: options.stdout, stderr: options.stderr };
  /** Streams whose line is not over: what comes next continues it, without a time. */
  const open = { stdout: false, stderr: false };

  const write = (writer: Writer, piece: Buffer, start: number, end: number): 'late' | undefined => {
    const stream = streamOf(piece, start, end);
    if (stream === undefined) return;
    const time = limited || timestamps ? utcOf(timeOf(piece, start)) : '';
    if (to !== undefined && time > to) return 'late';
    if ((from !== undefined && time < from) || !wanted[stream]) return;
    const frame = tty ? 0 : writer.openFrame(stream);
    if (timestamps && !open[stream]) writer.text(`${time} `);
    writer.copy(piece, start + headLength, end);
    const full = isFull(piece, start);
    if (full) writer.bytes[writer.length++] = newline;
    open[stream] = !full;
    if (!tty) writer.closeFrame(frame);
    return;
  };
  return {
    format(piece) {
      // what a line gets (a header, a time, a newline) is shorter than what it loses, its head
      const writer = new Writer(piece.length + 1);
      let over = false;
      for (let start = 0; start < piece.length && !over; ) {
        const found = piece.indexOf(newline, start);
        const end = found < 0 ? piece.length : found;
        over = write(writer, piece, start, end) === 'late';
        start = end + 1;
      }
      return { output: writer.bytes.subarray(0, writer.length), over };
    },
  };
}
