/** Finds where the last lines of a log begin, reading backwards: the cost is that of the lines found. */
import type { FileHandle } from 'node:fs/promises';
import { openLogFile } from './files.ts';

export interface LogPosition {
  /** Index in the list of files. */
  readonly file: number;
  readonly offset: number;
}

const blockSize = 256 * 1024;
const newline = 10;

/** Whether the line at `start` is a whole line of text. */
export type IsFull = (piece: Buffer, start: number) => boolean;

/** Counts lines of text from the end. A line of text is one line of the log, or several partial ones. */
class Countdown {
  readonly #wanted: number;
  readonly isFull: IsFull;
  #found = 0;
  #first = true;
  /** Start of the earliest wanted line in its file. */
  offset: number | undefined;

  constructor(wanted: number, isFull: IsFull) {
    this.#wanted = wanted;
    this.isFull = isFull;
  }

  /** Takes the previous line. True if it is one too many. */
  take(full: boolean, offset: number): boolean {
    // text without a final newline is a line, too
    if (full || this.#first) this.#found += 1;
    this.#first = false;
    if (this.#found > this.#wanted) return true;
    this.offset = offset;
    return false;
  }

  /**
   * Takes all lines that begin in `text`, at `base` of the file, except the first, which may begin earlier. True if
   * enough were found, else the length of the rest of `text`.
   */
  takeAll(text: Buffer, base: number): number | true {
    let end = text.length;
    for (;;) {
      const before = end < 2 ? -1 : text.lastIndexOf(newline, end - 2);
      if (before < 0) return end;
      if (this.take(this.isFull(text, before + 1), base + before + 1)) return true;
      end = before + 1;
    }
  }
}

/** True if enough lines were found in this file and those after it. */
async function countBackwards(handle: FileHandle, countdown: Countdown): Promise<boolean> {
  let end = (await handle.stat()).size;
  // Bytes of the line whose start is not read yet.
  let rest = Buffer.alloc(0);
  while (end > 0) {
    const start = Math.max(0, end - blockSize);
    const block = Buffer.allocUnsafe(end - start);
    const { bytesRead } = await handle.read(block, 0, block.length, start);
    if (bytesRead < block.length) return false;
    const text = Buffer.concat([block, rest]);
    const left = countdown.takeAll(text, start);
    if (left === true) return true;
    rest = text.subarray(0, left);
    end = start;
  }
  return rest.length > 0 && countdown.take(countdown.isFull(rest, 0), 0);
}

/**
 * Start of the last `count` lines of text; with fewer lines, the start of the first file. `count` 0 is the end of the
 * last file.
 */
export async function findTail(
  files: readonly string[],
  count: number,
  isFull: IsFull,
): Promise<LogPosition> {
  let position: LogPosition = { file: Math.max(0, files.length - 1), offset: 0 };
  const countdown = new Countdown(count, isFull);
  for (let file = files.length - 1; file >= 0; file -= 1) {
    const handle = await openLogFile(files[file] ?? '');
    try {
      if (count === 0) return { file, offset: (await handle.stat()).size };
      countdown.offset = undefined;
      const enough = await countBackwards(handle, countdown);
      if (countdown.offset !== undefined) position = { file, offset: countdown.offset };
      if (enough) return position;
    } finally {
      await handle.close();
    }
  }
  return files.length === 0 ? { file: 0, offset: 0 } : position;
}
