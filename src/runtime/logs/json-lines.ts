/** Converts lines of conmon's log to Docker's json-file format. Pure except for its state of open lines. */
import { headLength, isFull, streamOf, timeOf, utcOf } from './line.ts';

type Stream = 'stdout' | 'stderr';

/** Starts of open lines, in base64. */
export interface Held {
  readonly stdout: string;
  readonly stderr: string;
}

export const nothingHeld: Held = { stdout: '', stderr: '' };

/** As dockerd: a longer line is written in pieces of this size. */
const longest = 16 * 1024;
const newline = 10;

/** Bytes that stand for themselves in a JSON string as Docker writes it. */
const plain = new Uint8Array(256);
for (let byte = 0x20; byte < 0x7f; byte += 1) plain[byte] = 1;
for (const character of '"\\<>&') plain[character.charCodeAt(0)] = 0;

function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (plain[bytes[at] ?? 0] === 0) return false;
  return true;
}

const short: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r' };

/** moby daemon/logger/jsonfilelog/jsonlog: markup and what JavaScript counts as line ends are escaped too. */
const escaped = (text: string): string =>
  text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
    /["\\<>&\u0000-\u001f\u2028\u2029\ufffd]/g,
    (character) => short[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );

/** Initial bytes of an output buffer. */
const outputSize = 4 * 1024;

/** A growing buffer. */
class Output {
  #bytes = Buffer.allocUnsafeSlow(outputSize);
  #length = 0;

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  bytes(from: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    from.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
  }

  take(): Buffer {
    if (this.#length === 0) return Buffer.alloc(0);
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafeSlow(outputSize);
    this.#length = 0;
    return taken;
  }
}

export class JsonLines {
  /** `"attrs":{...},`, or ''. */
  readonly #attrs: string;
  readonly #output = new Output();
  readonly #held: Record<Stream, Buffer>;
  #time = '';

  constructor(attrs: string, held: Held = nothingHeld) {
    this.#attrs = attrs;
    const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
    this.#held = { stdout: bytes(held.stdout), stderr: bytes(held.stderr) };
  }

  get held(): Held {
    return {
      stdout: this.#held.stdout.toString('base64'),
      stderr: this.#held.stderr.toString('base64'),
    };
  }

  /** `piece` ends with a newline. */
  take(piece: Buffer): Buffer {
    for (let start = 0; start < piece.length; ) {
      const found = piece.indexOf(newline, start);
      const end = found < 0 ? piece.length : found;
      this.#line(piece, start, end);
      start = end + 1;
    }
    return this.#output.take();
  }

  /** Output of open lines, once the container has ended. */
  flush(): Buffer {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#held[stream];
      if (rest.length > 0) this.#write(stream, { bytes: rest, start: 0, end: rest.length, full: false });
      this.#held[stream] = Buffer.alloc(0);
    }
    return this.#output.take();
  }

  #line(piece: Buffer, start: number, end: number): void {
    const stream = streamOf(piece, start, end);
    if (stream === undefined) return;
    this.#time = utcOf(timeOf(piece, start));
    const full = isFull(piece, start);
    const held = this.#held[stream];
    const text = start + headLength;
    if (held.length === 0 && full && end - text < longest) {
      this.#write(stream, { bytes: piece, start: text, end, full });
      return;
    }
    const whole = Buffer.concat([held, piece.subarray(text, end)]);
    let at = 0;
    for (; whole.length - at >= longest; at += longest)
      this.#write(stream, { bytes: whole, start: at, end: at + longest, full: false });
    if (full) this.#write(stream, { bytes: whole, start: at, end: whole.length, full });
    this.#held[stream] = full ? Buffer.alloc(0) : whole.subarray(at);
  }

  #write(
    stream: Stream,
    line: { readonly bytes: Buffer; readonly start: number; readonly end: number; readonly full: boolean },
  ): void {
    const { bytes, start, end, full } = line;
    const output = this.#output;
    output.text('{"log":"');
    if (isPlain(bytes, start, end)) output.bytes(bytes, start, end);
    else output.text(escaped(bytes.toString('utf8', start, end)));
    output.text(`${full ? '\\n' : ''}","stream":"${stream}",${this.#attrs}"time":"${this.#time}"}\n`);
  }
}
