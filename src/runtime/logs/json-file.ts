/**
 * The files of the json-file driver: conmon's log in Docker's format, read by `docker logs` and by programs that ship
 * logs. Copied lines are dropped from conmon's log. The position of the copy is kept in a file beside them, so that no
 * line is lost or written twice if the engine ends in between: the output from a position is always the same.
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

/** How far the log is copied, and the size of the JSON file by then. */
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

/** Rotates as Docker: `.1` is the previous file, `.2` older; with `compress` they are gzip files. */
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

  /** Appends whole lines; a full file is rotated between two of them. */
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

/** Removes files of conmon's log that are older than the one with this inode; their lines are copied. */
async function dropBefore(log: string, inode: string): Promise<void> {
  const files = await logFiles(log);
  const inodes = await Promise.all(files.map(inodeOf));
  const current = inodes.findIndex((each) => String(each) === inode);
  for (const file of files.slice(0, Math.max(0, current))) await rm(file, { force: true });
}

export interface CopyOptions extends Pick<ReadOptions, 'growing' | 'onGrowingChange'> {
  readonly isStopped: () => boolean;
  /** Whether the container has ended; else an open line is kept for the next copy. */
  readonly isOver: () => boolean;
  /** Called when everything is copied for now. */
  readonly onIdle: () => void;
}

/** Copies the log from the last position on, as long as it grows. */
export async function copyToJson(target: JsonTarget, options: CopyOptions): Promise<void> {
  const json = new JsonFile(target);
  const position = await readPosition(target.file);
  try {
    await json.open();
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
  /** As in the position file. */
  #position: Position;
  /** End of what was read. */
  #at: Pick<Position, 'inode' | 'offset'>;
  /** Bytes that were written after the position file: they are produced again and skipped. */
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

  /** Drops a file of conmon's log that is at its end and has a successor. */
  async #leave(): Promise<void> {
    const { inode } = this.#position;
    if (inode !== '' && inode !== this.#at.inode) await this.#save();
  }

  /** Empties conmon's log after its last line; it keeps its inode, which the position names. */
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
