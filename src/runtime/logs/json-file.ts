/**
 * The files of the json-file driver: what conmon has logged, in Docker's format. `docker logs` reads them, as programs
 * that ship logs do, and what is copied is dropped from conmon's log. How far they have come is written down beside
 * them, so that no line is lost or written twice when the engine goes away in between: what follows from a position is
 * always the same.
 */
import { createReadStream, createWriteStream, existsSync, truncateSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { JsonFileConfig, LogConfig } from './config.ts';
import { inodeOf, logFiles } from './files.ts';
import { type Held, JsonLines, nothingHeld } from './json-lines.ts';
import { type ReadOptions, readLog } from './read.ts';

export interface JsonTarget {
  /** conmon's. */
  readonly log: string;
  /** `ID-json.log`. */
  readonly file: string;
  readonly limits: Pick<LogConfig, 'maxSize' | 'maxFile'>;
  readonly json: JsonFileConfig;
}

/** Where the JSON that is written ends, in the log and in its own file. */
interface Position {
  readonly inode: string;
  readonly offset: number;
  /** Bytes of the JSON file. */
  readonly size: number;
  readonly held: Held;
}

const start: Position = { inode: '', offset: 0, size: 0, held: nothingHeld };

export const positionPath = (file: string): string => `${file}.position`;

async function readPosition(file: string): Promise<Position> {
  const text = await readFile(positionPath(file), 'utf8').catch(() => '');
  try {
    return text === '' ? start : { ...start, ...(JSON.parse(text) as Position) };
  } catch {
    return start;
  }
}

async function writePosition(file: string, position: Position): Promise<void> {
  const path = positionPath(file);
  await writeFile(`${path}.tmp`, JSON.stringify(position), { mode: 0o640 });
  await rename(`${path}.tmp`, path);
}

/** Docker's rotation: `.1` is the one before, `.2` older; with `compress` all of them are gzip files. */
async function rotate({ file, limits, json }: JsonTarget): Promise<void> {
  if (limits.maxFile < 2) return truncate(file, 0);
  const suffix = json.compress ? '.gz' : '';
  for (let age = limits.maxFile - 1; age > 1; age -= 1) {
    const from = `${file}.${age - 1}${suffix}`;
    if ((await inodeOf(from)) !== undefined) await rename(from, `${file}.${age}${suffix}`);
  }
  await rename(file, `${file}.1`);
  if (!json.compress) return;
  await pipeline(
    createReadStream(`${file}.1`),
    createGzip(),
    createWriteStream(`${file}.1.tmp`, { mode: 0o640 }),
  );
  await rename(`${file}.1.tmp`, `${file}.1.gz`);
  await rm(`${file}.1`);
}

/** The JSON file, open at its end. */
class JsonFile {
  readonly #target: JsonTarget;
  #handle: FileHandle | undefined;
  size = 0;

  constructor(target: JsonTarget) {
    this.#target = target;
  }

  async open(): Promise<void> {
    this.#handle = await open(this.#target.file, 'a', 0o640);
    this.size = (await this.#handle.stat()).size;
  }

  /** Whole lines; a file that is full is rotated between two. */
  async append(lines: Buffer): Promise<void> {
    const { maxSize } = this.#target.limits;
    for (let at = 0; at < lines.length; ) {
      if (maxSize > 0 && this.size >= maxSize) await this.#rotate();
      const found = maxSize > 0 ? lines.indexOf(10, at + Math.max(0, maxSize - this.size - 1)) : -1;
      const end = found < 0 ? lines.length : found + 1;
      await this.#handle?.appendFile(lines.subarray(at, end));
      this.size += end - at;
      at = end;
    }
  }

  async #rotate(): Promise<void> {
    await this.close();
    await rotate(this.#target);
    await this.open();
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

/** Files of conmon's log before the one with this inode, whose lines are copied. */
async function dropBefore(log: string, inode: string): Promise<void> {
  const files = await logFiles(log);
  const inodes = await Promise.all(files.map(inodeOf));
  const current = inodes.findIndex((each) => String(each) === inode);
  for (const file of files.slice(0, Math.max(0, current))) await rm(file, { force: true });
}

export interface CopyOptions extends Pick<ReadOptions, 'growing' | 'onGrowingChange'> {
  readonly isStopped: () => boolean;
  /** The container has ended; else what is kept back of a line stays so, for the next time. */
  readonly isOver: () => boolean;
  /** All that is there for now is copied. */
  readonly onIdle: () => void;
}

/** Write what the log has from where it was left, and as long as it grows. */
export async function copyToJson(target: JsonTarget, options: CopyOptions): Promise<void> {
  const json = new JsonFile(target);
  const position = await readPosition(target.file);
  await json.open();
  try {
    await new JsonCopy({ target, options, json, position }).run();
  } finally {
    await json.close();
  }
}

class JsonCopy {
  readonly #target: JsonTarget;
  readonly #options: CopyOptions;
  readonly #json: JsonFile;
  readonly #lines: JsonLines;
  /** As it is written down. */
  #position: Position;
  /** As far as the log is read. */
  #at: Pick<Position, 'inode' | 'offset'>;
  /** Bytes that were written after the position was: the same come again. */
  #known: number;

  constructor(from: {
    readonly target: JsonTarget;
    readonly options: CopyOptions;
    readonly json: JsonFile;
    readonly position: Position;
  }) {
    this.#target = from.target;
    this.#options = from.options;
    this.#json = from.json;
    this.#position = from.position;
    this.#at = from.position;
    this.#lines = new JsonLines(from.target.json.attributes, from.position.held);
    this.#known = Math.max(0, from.json.size - from.position.size);
  }

  async run(): Promise<void> {
    const { isStopped, isOver, onIdle } = this.#options;
    for await (const piece of this.#pieces()) {
      if (isStopped()) return;
      if (piece.length > 0) await this.#write(this.#lines.take(piece));
      else {
        await this.#leave();
        onIdle();
      }
    }
    if (isStopped() || !isOver()) return;
    const rest = this.#lines.flush();
    if (rest.length > 0) await this.#write(rest);
    await this.#empty();
  }

  #pieces(): AsyncGenerator<Buffer> {
    const { inode, offset } = this.#position;
    return readLog(this.#target.log, {
      tail: undefined,
      from: inode === '' ? undefined : { inode: BigInt(inode), offset },
      growing: this.#options.growing,
      onGrowingChange: this.#options.onGrowingChange,
      onPosition: (place) => {
        this.#at = { inode: String(place.inode), offset: place.offset };
      },
    });
  }

  async #write(output: Buffer): Promise<void> {
    const fresh = output.subarray(Math.min(this.#known, output.length));
    this.#known -= output.length - fresh.length;
    await this.#json.append(fresh);
    await this.#save();
  }

  async #save(): Promise<void> {
    const isNewFile = this.#at.inode !== this.#position.inode;
    const { inode, offset } = this.#at;
    this.#position = { inode, offset, size: this.#json.size, held: this.#lines.held };
    await writePosition(this.#target.file, this.#position);
    if (isNewFile) await dropBefore(this.#target.log, inode);
  }

  /** A file of conmon's log that is at its end, with the next one there, is dropped. */
  async #leave(): Promise<void> {
    const { inode } = this.#position;
    if (inode !== '' && inode !== this.#at.inode) await this.#save();
  }

  /** Nothing writes to conmon's log any more: it is emptied, and keeps its inode, which the position names. */
  async #empty(): Promise<void> {
    const { inode } = this.#position;
    if (inode === '') return;
    const { log } = this.#target;
    await dropBefore(log, inode);
    // synchronous: nothing may start in between
    if (!this.#options.isOver() || !existsSync(log)) return;
    truncateSync(log, 0);
    this.#at = { inode, offset: 0 };
    await this.#save();
  }
}
