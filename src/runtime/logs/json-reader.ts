/**
 * Converts lines of the json-file driver back to lines of conmon's log, which all other code here reads. Lines are
 * examined in place, as in `line.ts`. Pure except for its state of the last line.
 */

const quote = 0x22;
const backslash = 0x5c;
const newline = 10;
const textStart = '{"log":"'.length;
/** From the quote behind the text to the third letter of the stream: `","stream":"std_o_ut`. */
const streamLetter = '","stream":"std'.length;
/** `2026-01-02T03:04:05.123456789Z"}`, from the end of the line. */
const timeBack = 32;
/** Without the `Z`. */
const timeLength = 29;
const outLetter = 'o'.charCodeAt(0);

/** End of the line's text: the first quote that is not escaped; -1 if there is none. */
function endOfText(piece: Buffer, start: number): number {
  for (let at = piece.indexOf(quote, start); at >= 0; at = piece.indexOf(quote, at + 1)) {
    let slashes = 0;
    while (piece[at - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/** Whether the text of the line that begins at `start` ends with a newline, written `\n`. */
export function isFullJson(piece: Buffer, start: number): boolean {
  const end = endOfText(piece, start + textStart);
  if (piece[end - 1] !== 0x6e || piece[end - 2] !== backslash) return false;
  let slashes = 0;
  while (piece[end - 2 - slashes] === backslash) slashes += 1;
  return slashes % 2 === 1;
}

interface Line {
  readonly time: string;
  readonly isError: boolean;
  readonly isFull: boolean;
  readonly text: Buffer;
}

/** Undefined for lines that the engine did not write. */
function lineAt(piece: Buffer, start: number, end: number): Line | undefined {
  const from = start + textStart;
  const to = endOfText(piece.subarray(0, end), from);
  if (to < 0) return undefined;
  const isFull = isFullJson(piece, start);
  const last = isFull ? to - 2 : to;
  const escaped = piece.indexOf(backslash, from);
  const plain = escaped < 0 || escaped >= last;
  return {
    time: piece.toString('latin1', end - timeBack, end - timeBack + timeLength),
    isError: piece[to + streamLetter] !== outLetter,
    isFull,
    text: plain ? piece.subarray(from, last) : unescaped(piece.subarray(from - 1, last)),
  };
}

/** The text as JSON has it, with the quote before it. */
function unescaped(text: Buffer): Buffer {
  try {
    return Buffer.from(JSON.parse(`${text.toString('utf8')}"`) as string);
  } catch {
    return text.subarray(1);
  }
}

export class JsonReader {
  #last = '';
  /** Lines up to this time were already read. */
  #seen = '';

  /** The next piece may repeat lines, which are skipped. */
  skipSeen(): void {
    this.#seen = this.#last;
  }

  /** `piece` ends with a newline. */
  take(piece: Buffer): Buffer {
    const parts: Buffer[] = [];
    for (let start = 0; start < piece.length; ) {
      const found = piece.indexOf(newline, start);
      const end = found < 0 ? piece.length : found;
      const line = lineAt(piece, start, end);
      start = end + 1;
      if (!line || line.time <= this.#seen) continue;
      this.#last = line.time;
      const head = `${line.time}+00:00 ${line.isError ? 'stderr' : 'stdout'} ${line.isFull ? 'F' : 'P'} `;
      parts.push(Buffer.from(head, 'latin1'), line.text, lineEnd);
    }
    return Buffer.concat(parts);
  }
}

const lineEnd = Buffer.from('\n');
