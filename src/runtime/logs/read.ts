/** Reads a log from a position on, through its rotations, to its end or as long as it grows. */
import { type FileHandle, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inodeOf, logFiles, openLogFile } from './files.ts';
import { isFull } from './line.ts';
import { findTail, type LogPosition } from './tail.ts';
import { watchFolder } from './watch-folder.ts';

/** A place in one of the files of a log. */
export interface LogOffset {
  readonly inode: bigint;
  readonly offset: number;
}

export interface ReadOptions {
  /** Lines from the end; undefined for all. */
  readonly tail: number | undefined;
  /** Begin here instead, or at the oldest line if that file is gone. */
  readonly from?: LogOffset | undefined;
  /** Whether the line at `start` is a whole line of text; by default as conmon writes them. */
  readonly isFull?: (piece: Buffer, start: number) => boolean;
  /** Called if the file that was read is gone: the next pieces may repeat lines. */
  readonly onLost?: () => void;
  /** Called before each piece with its end, and with the start of each file. */
  readonly onPosition?: (place: LogOffset) => void;
  /**
   * To follow: true while more may come; `onGrowingChange` passes on a function to call when it becomes false.
   * Undefined to stop at the end.
   */
  readonly growing: (() => boolean) | undefined;
  readonly onGrowingChange: (changed: () => void) => () => void;
}

/** Bytes read at once: few reads for a long log, each short on the event loop. */
const pieceSize = 256 * 1024;
/** Bytes of the buffer of a log with little to read. */
const firstSize = 8 * 1024;

/** Largest line: those of the json-file driver have attributes (labels, environment). */
const longestLine = 64 * 1024 * 1024;

const nothing = Buffer.alloc(0);

/** Milliseconds after which the file is read again: an overflowing inotify queue loses events. */
const patience = 60_000;

/** An open file of the log, read in pieces that end with a newline. A piece is valid until the next is read. */
class LogFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
  #buffer = Buffer.allocUnsafeSlow(firstSize);
  #offset: number;

  constructor(handle: FileHandle, inode: bigint, offset: number) {
    this.handle = handle;
    this.inode = inode;
    this.#offset = offset;
  }

  get place(): LogOffset {
    return { inode: this.inode, offset: this.#offset };
  }

  /** Empty at the end. An incomplete line is left for the next call. */
  async piece(): Promise<Buffer> {
    let bytesRead = await this.#read();
    if (bytesRead === this.#buffer.length && bytesRead < pieceSize) {
      this.#buffer = Buffer.allocUnsafeSlow(pieceSize);
      bytesRead = await this.#read();
    }
    while (this.#isWithoutEnd(bytesRead)) {
      this.#buffer = Buffer.allocUnsafeSlow(2 * this.#buffer.length);
      bytesRead = await this.#read();
    }
    const read = this.#buffer.subarray(0, bytesRead);
    const piece = read.subarray(0, read.lastIndexOf(10) + 1);
    this.#offset += piece.length;
    if (piece.length === 0 && this.#buffer.length > firstSize)
      this.#buffer = Buffer.allocUnsafeSlow(firstSize);
    return piece;
  }

  /** Whether the buffer holds a part of a longer line. */
  #isWithoutEnd(bytesRead: number): boolean {
    const { length } = this.#buffer;
    return bytesRead === length && length < longestLine && !this.#buffer.includes(10);
  }

  async #read(): Promise<number> {
    const { bytesRead } = await this.handle.read(this.#buffer, 0, this.#buffer.length, this.#offset);
    return bytesRead;
  }
}

async function openAt(path: string, offset: number): Promise<LogFile | undefined> {
  let handle: FileHandle | undefined;
  try {
    const { ino } = await stat(path, { bigint: true });
    handle = await openLogFile(path);
    return new LogFile(handle, ino, offset);
  } catch (thrown) {
    await handle?.close();
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

interface NextFile {
  readonly path: string | undefined;
  readonly inode: bigint | undefined;
  /** Whether the file that was read still exists. */
  readonly known: boolean;
}

async function findNext(log: string, current: LogFile | undefined): Promise<NextFile> {
  const files = await logFiles(log);
  const inodes = await Promise.all(files.map(inodeOf));
  const own = current === undefined ? -1 : inodes.indexOf(current.inode);
  const known = current === undefined || own >= 0;
  return { path: files[own + 1], inode: inodes[own + 1], known };
}

/** Attempts to find the next file of a log that is being rotated, and milliseconds between them. */
const looks = 20;
const pause = 5;

/**
 * The file after this one. If this one is gone (rotated away, or truncated by conmon), the oldest that exists:
 * everything in it is later than what was read. Names change during the search, so the result counts only if the file
 * that was opened is the one that was found.
 */
async function openNext(
  log: string,
  current: LogFile | undefined,
  onLost: ReadOptions['onLost'],
): Promise<LogFile | undefined> {
  for (let look = 0; ; look += 1) {
    const { path, inode, known } = await findNext(log, current);
    if (known && path === undefined) return undefined;
    const opened = known || look >= looks ? await openAt(path ?? log, 0) : undefined;
    if (opened && opened.inode === inode) {
      if (!known) onLost?.();
      return opened;
    }
    await opened?.handle.close();
    if (look > looks) return undefined;
    await delay(pause);
  }
}

/** Wakes when the folder changes, when told to, or when patience ends. */
function createAlarm(log: string): { wait: () => Promise<void>; ring: () => void; close: () => void } {
  let rung = false;
  let wake: () => void = () => undefined;
  const ring = (): void => {
    rung = true;
    wake();
  };
  const watcher = watchFolder(dirname(log), ring);
  const wait = async (): Promise<void> => {
    if (!rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patience);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    rung = false;
  };
  return { wait, ring, close: () => watcher.close() };
}

/**
 * Pieces of the log, each of whole lines, in the order of writing. A piece is valid until the next is requested. An
 * empty one means that nothing more is there, for now or at all.
 */
export async function* readLog(log: string, options: ReadOptions): AsyncGenerator<Buffer> {
  const { growing, onPosition } = options;
  if (growing) await mkdir(dirname(log), { recursive: true });
  const alarm = growing ? createAlarm(log) : undefined;
  const forget = alarm ? options.onGrowingChange(alarm.ring) : () => undefined;
  let current: LogFile | undefined;
  try {
    const files = await logFiles(log);
    const start = await startOf(files, options);
    current = files.length === 0 ? undefined : await openAt(files[start.file] ?? '', start.offset);
    for (;;) {
      // before the file is read to its end, so that everything written before the exit is read
      const more = growing?.() ?? false;
      yield* piecesOf(current, onPosition);
      const next = await openNext(log, current, options.onLost);
      if (next) {
        // conmon may have written to the old file until the new one existed
        yield* piecesOf(current, onPosition);
        await current?.handle.close();
        current = next;
        onPosition?.(current.place);
        continue;
      }
      yield nothing;
      if (!more) return;
      await alarm?.wait();
    }
  } finally {
    forget();
    alarm?.close();
    await current?.handle.close();
  }
}

async function startOf(
  files: readonly string[],
  { tail, from, isFull: isWhole = isFull }: Pick<ReadOptions, 'tail' | 'from' | 'isFull'>,
): Promise<LogPosition> {
  if (!from) return tail === undefined ? { file: 0, offset: 0 } : await findTail(files, tail, isWhole);
  const inodes = await Promise.all(files.map(inodeOf));
  const file = inodes.indexOf(from.inode);
  if (file < 0) return { file: 0, offset: 0 };
  // one that is shorter was truncated since
  const { size } = await stat(files[file] ?? '');
  return { file, offset: from.offset <= size ? from.offset : 0 };
}

async function* piecesOf(
  file: LogFile | undefined,
  onPosition: ReadOptions['onPosition'],
): AsyncGenerator<Buffer> {
  if (!file) return;
  for (let piece = await file.piece(); piece.length > 0; piece = await file.piece()) {
    onPosition?.(file.place);
    yield piece;
  }
}
