/** Formats log lines for clients of the logs route. Pure except for its state of open lines. */
import type { LogOptions } from '../runtime.ts';
import { headLength, isFull, streamOf, timeOf, utcOf, utcOfNanoseconds } from './line.ts';

export interface Formatter {
  /**
   * Formats a piece of the log, which ends with a newline. `over`: a line was later than `until`, and the output ends.
   */
  format(piece: Buffer): { readonly output: Buffer; readonly over: boolean };
  /** Output of open lines. Call it when nothing more comes for now. */
  flush(): Buffer;
}

const newline = 10;
const frameLength = 8;
const stampLength = 31;
/** Lines are joined from conmon's parts and shown in pieces of this size, as by Docker. */
const joinedLength = 16 * 1024;
/** Bytes up to which a loop copies faster than a call. */
const shortText = 48;

/** A buffer with a write position. */
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

/** The parts of an open line. */
class OpenLine {
  parts: Buffer[] = [];
  length = 0;
  /** Of its first part. */
  time = '';
  /** Its start was shown; further parts have no time. */
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

export interface FormatOptions extends Omit<LogOptions, 'details'> {
  readonly tty: boolean;
  /** What each line begins with, behind its time; '' for nothing. */
  readonly details?: string;
}

/** Raw with a terminal, else with Docker's 8-byte headers, one per line as Docker has them. */
export function createFormatter(options: FormatOptions): Formatter {
  const lines = new LineFormatter(options);
  return { format: (piece) => lines.format(piece), flush: () => lines.flush() };
}

class LineFormatter {
  readonly #options: FormatOptions;
  readonly #details: Buffer;
  readonly #from: string | undefined;
  readonly #to: string | undefined;
  /** Whether times have to be read. */
  readonly #timed: boolean;
  readonly #open = { stdout: new OpenLine(), stderr: new OpenLine() };

  constructor(options: FormatOptions) {
    const { since, until, timestamps } = options;
    this.#options = options;
    this.#details = Buffer.from(options.details ?? '');
    this.#from = since === undefined ? undefined : utcOfNanoseconds(since);
    this.#to = until === undefined ? undefined : utcOfNanoseconds(until);
    this.#timed = since !== undefined || until !== undefined || timestamps;
  }

  format(piece: Buffer): ReturnType<Formatter['format']> {
    // the additions to a line (a header, a time, a newline) are shorter than its head, which is dropped
    const writer = new Writer(piece.length + 1 + this.#heldLength() + this.#detailsIn(piece));
    let over = false;
    for (let start = 0; start < piece.length && !over; ) {
      const found = piece.indexOf(newline, start);
      const end = found < 0 ? piece.length : found;
      over = this.#take(writer, piece, start, end) === 'late';
      start = end + 1;
    }
    return { output: writer.bytes.subarray(0, writer.length), over };
  }

  flush(): Buffer {
    const perStream = frameLength + stampLength + this.#details.length;
    const writer = new Writer(this.#heldLength() + streams.length * perStream);
    for (const stream of streams)
      if (this.#open[stream].length > 0)
        this.#show(writer, stream, { piece: writer.bytes, start: 0, end: 0, full: false, time: '' });
    return writer.bytes.subarray(0, writer.length);
  }

  /** Writes the text from `start` to `end` after the held parts of its line. */
  #show(writer: Writer, stream: Stream, part: Part): void {
    const { tty, timestamps } = this.#options;
    const line = this.#open[stream];
    const frame = tty ? 0 : writer.openFrame(stream);
    if (timestamps && !line.shown) writer.text(`${line.length > 0 ? line.time : part.time} `);
    if (this.#details.length > 0 && !line.shown) writer.copy(this.#details, 0, this.#details.length);
    for (const held of line.parts) writer.copy(held, 0, held.length);
    writer.copy(part.piece, part.start, part.end);
    if (part.full) writer.bytes[writer.length++] = newline;
    line.clear(part.full);
    if (!tty) writer.closeFrame(frame);
  }

  #take(writer: Writer, piece: Buffer, start: number, end: number): 'late' | undefined {
    const stream = streamOf(piece, start, end);
    if (stream === undefined) return;
    const time = this.#timed ? utcOf(timeOf(piece, start)) : '';
    if (this.#to !== undefined && time > this.#to) return 'late';
    if ((this.#from !== undefined && time < this.#from) || !this.#options[stream]) return;
    const textStart = start + headLength;
    const full = isFull(piece, start);
    const line = this.#open[stream];
    if (!full && line.length + end - textStart < joinedLength)
      line.hold(piece.subarray(textStart, end), time);
    else this.#show(writer, stream, { piece, start: textStart, end, full, time });
    return;
  }

  #detailsIn(piece: Buffer): number {
    return this.#details.length === 0 ? 0 : this.#details.length * (linesIn(piece) + 1);
  }

  #heldLength(): number {
    return this.#open.stdout.length + this.#open.stderr.length;
  }
}
