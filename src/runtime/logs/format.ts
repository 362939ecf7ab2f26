/** Log lines to what a client of the logs route reads. Pure but for its memory of open lines. */
import type { LogOptions } from '../runtime.ts';
import { headLength, isFull, streamOf, timeOf, utcOf, utcOfNanoseconds } from './line.ts';

export interface Formatter {
  /**
   * What a piece of log becomes; `piece` ends with a newline. `over`: a line was later than `until`,
   * nothing more is wanted.
   */
  format(piece: Buffer): { readonly output: Buffer; readonly over: boolean };
  /** What was kept back because its line is not over. To be called when nothing more comes for now. */
  flush(): Buffer;
}

const newline = 10;
const frameLength = 8;
const stampLength = 31;
/** A line is joined from what conmon read of it at a time, and shown in pieces of this size, as by Docker. */
const joinedLength = 16 * 1024;
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
  openFrame(stream: Stream): number {
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

/** The parts of a line that is not over. */
class OpenLine {
  parts: Buffer[] = [];
  length = 0;
  /** Of its first part. */
  time = '';
  /** Its start is shown: what comes next continues it, without a time. */
  shown = false;

  hold(part: Buffer, time: string): void {
    if (this.parts.length === 0) this.time = time;
    this.parts.push(Buffer.from(part));
    this.length += part.length;
  }

  clear(full: boolean): void {
    this.shown = !full;
    if (this.length === 0) return;
    this.parts = [];
    this.length = 0;
  }
}

interface Part {
  readonly piece: Buffer;
  readonly start: number;
  readonly end: number;
  readonly full: boolean;
  readonly time: string;
}

type Stream = 'stdout' | 'stderr';
const streams: readonly Stream[] = ['stdout', 'stderr'];

function linesIn(piece: Buffer): number {
  let count = 0;
  for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) count += 1;
  return count;
}

/** Raw with a terminal, else with Docker's 8-byte headers, one per line as Docker has them. */
export function createFormatter(
  options: Omit<LogOptions, 'details'> & {
    readonly tty: boolean;
    /** What each line begins with, behind its time; '' for nothing. */
    readonly details?: string;
  },
): Formatter {
  const { since, until, timestamps, tty } = options;
  const details = Buffer.from(options.details ?? '');
  const [from, to] = [since, until].map((limit) =>
    limit === undefined ? undefined : utcOfNanoseconds(limit),
  );
  const timed = from !== undefined || to !== undefined || timestamps;
  const wanted = { stdout: options.stdout, stderr: options.stderr };
  const open = { stdout: new OpenLine(), stderr: new OpenLine() };

  /** The text from `start` to `end` after what is held of its line. */
  const show = (writer: Writer, stream: Stream, part: Part): void => {
    const line = open[stream];
    const frame = tty ? 0 : writer.openFrame(stream);
    if (timestamps && !line.shown) writer.text(`${line.length > 0 ? line.time : part.time} `);
    if (details.length > 0 && !line.shown) writer.copy(details, 0, details.length);
    for (const held of line.parts) writer.copy(held, 0, held.length);
    writer.copy(part.piece, part.start, part.end);
    if (part.full) writer.bytes[writer.length++] = newline;
    line.clear(part.full);
    if (!tty) writer.closeFrame(frame);
  };
  const take = (writer: Writer, piece: Buffer, start: number, end: number): 'late' | undefined => {
    const stream = streamOf(piece, start, end);
    if (stream === undefined) return;
    const time = timed ? utcOf(timeOf(piece, start)) : '';
    if (to !== undefined && time > to) return 'late';
    if ((from !== undefined && time < from) || !wanted[stream]) return;
    const textStart = start + headLength;
    const full = isFull(piece, start);
    if (!full && open[stream].length + end - textStart < joinedLength)
      open[stream].hold(piece.subarray(textStart, end), time);
    else show(writer, stream, { piece, start: textStart, end, full, time });
    return;
  };
  const detailsIn = (piece: Buffer): number =>
    details.length === 0 ? 0 : details.length * (linesIn(piece) + 1);
  const heldLength = (): number => open.stdout.length + open.stderr.length;
  return {
    format(piece) {
      // what a line gets (a header, a time, a newline) is shorter than what it loses, its head
      const writer = new Writer(piece.length + 1 + heldLength() + detailsIn(piece));
      let over = false;
      for (let start = 0; start < piece.length && !over; ) {
        const found = piece.indexOf(newline, start);
        const end = found < 0 ? piece.length : found;
        over = take(writer, piece, start, end) === 'late';
        start = end + 1;
      }
      return { output: writer.bytes.subarray(0, writer.length), over };
    },
    flush() {
      const writer = new Writer(heldLength() + streams.length * (frameLength + stampLength + details.length));
      for (const stream of streams)
        if (open[stream].length > 0)
          show(writer, stream, { piece: writer.bytes, start: 0, end: 0, full: false, time: '' });
      return writer.bytes.subarray(0, writer.length);
    },
  };
}
