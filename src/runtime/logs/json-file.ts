/**
 * The files of the json-file driver: what conmon has logged, in Docker's format, for programs that ship
 * logs. How far they have come is written down beside them, so that no line is lost or written twice when
 * the engine goes away in between: what follows from a position is always the same.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { JsonFileConfig, LogConfig } from './config.ts';
import { inodeOf } from './files.ts';
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

/**
 * Write what the log has from where it was left, and as long as it grows. `isOver`: the container has ended;
 * else what is kept back of a line stays so, for the next time.
 */
export async function copyToJson(
  target: JsonTarget,
  options: Pick<ReadOptions, 'growing' | 'onGrowingChange'> & {
    readonly isStopped: () => boolean;
    readonly isOver: () => boolean;
  },
): Promise<void> {
  let position = await readPosition(target.file);
  const lines = new JsonLines(target.json.attributes, position.held);
  const json = new JsonFile(target);
  await json.open();
  // written after the position was: the same bytes come again
  let known = Math.max(0, json.size - position.size);
  const write = async (output: Buffer): Promise<void> => {
    const fresh = output.subarray(Math.min(known, output.length));
    known -= output.length - fresh.length;
    await json.append(fresh);
  };
  let at = { inode: position.inode, offset: position.offset };
  const save = async (): Promise<void> => {
    position = { ...at, size: json.size, held: lines.held };
    await writePosition(target.file, position);
  };
  try {
    const pieces = readLog(target.log, {
      tail: undefined,
      from: position.inode === '' ? undefined : { inode: BigInt(position.inode), offset: position.offset },
      growing: options.growing,
      onGrowingChange: options.onGrowingChange,
      onPosition: ({ inode, offset }) => {
        at = { inode: String(inode), offset };
      },
    });
    for await (const piece of pieces) {
      if (options.isStopped()) return;
      if (piece.length === 0) continue;
      await write(lines.take(piece));
      await save();
    }
    if (options.isStopped() || !options.isOver()) return;
    const rest = lines.flush();
    if (rest.length === 0) return;
    await write(rest);
    await save();
  } finally {
    await json.close();
  }
}
