/**
 * The recipe of a layer: all bytes of its tar that are not contents of files, and the places of those
 * contents. From it and the unpacked files the tar can be written again byte for byte, which its digest in the
 * image's id requires, without keeping the tar.
 *
 * On disk, zstd-compressed: `R length(4) bytes`, or `F pathLength(4) path size(8)`.
 */
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { finished, pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { fail } from '../errors.ts';
import { closeFd, openBelow } from '../kernel/files/open-below.ts';
import { batched } from './batch.ts';
import { ByteSource, type Bytes } from './tar/bytes.ts';
import { readable } from './tar/entry.ts';

const rawMark = 0x52;
const fileMark = 0x46;

export interface RecipeWriter {
  /** Adds bytes of the tar. */
  raw(bytes: Buffer): Promise<void>;
  /** Adds a reference to an unpacked file's content (path relative to the layer, a byte string). */
  file(path: string, size: number): Promise<void>;
  close(): Promise<void>;
  /** Abandons the recipe and closes the file. */
  abandon(): void;
}

/** Starts a recipe in a new file. */
export function writeRecipe(path: string): RecipeWriter {
  const codec = createZstdCompress();
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const written = pipeline(codec, file);
  written.catch(() => {});
  const out = batched(codec);
  return {
    async raw(bytes) {
      const head = Buffer.alloc(5);
      head[0] = rawMark;
      head.writeUInt32BE(bytes.length, 1);
      await out.write(head);
      await out.write(bytes);
    },
    async file(name, size) {
      const text = Buffer.from(name, 'latin1');
      const record = Buffer.alloc(5 + text.length + 8);
      record[0] = fileMark;
      record.writeUInt32BE(text.length, 1);
      text.copy(record, 5);
      record.writeBigUInt64BE(BigInt(size), 5 + text.length);
      await out.write(record);
    },
    async close() {
      await out.flush();
      codec.end();
      await written;
    },
    abandon() {
      codec.destroy();
      file.destroy();
      finished(file).catch(() => {});
    },
  };
}

/** The layer's tar, written again from its recipe and the files in `folder`. */
export async function* followRecipe(recipe: string, folder: string): Bytes & AsyncGenerator<Buffer, void> {
  const stored = createReadStream(recipe);
  const codec = createZstdDecompress();
  stored.on('error', (error) => codec.destroy(error));
  const source = new ByteSource(stored.pipe(codec) as AsyncIterable<Buffer>);
  try {
    for (let head = await source.exactly(5); head; head = await source.exactly(5)) {
      const length = head.readUInt32BE(1);
      const body = length === 0 ? Buffer.alloc(0) : await source.exactly(length);
      if (!body) throw fail('BUG', `the recipe ${recipe} ends too early`);
      if (head[0] === rawMark) yield body;
      else {
        const size = await source.exactly(8);
        if (!size) throw fail('BUG', `the recipe ${recipe} ends too early`);
        yield* content(folder, body.toString('latin1'), Number(size.readBigUInt64BE(0)));
      }
    }
  } finally {
    stored.destroy();
    codec.destroy();
  }
}

/** Opens a file relative to the folder's descriptor, because the path may be longer than PATH_MAX. */
async function openDeep(folder: string, path: string): Promise<FileHandle> {
  const top = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const fd = await openBelow(top.fd, Buffer.from(path, 'latin1'), {
      flags: constants.O_RDONLY,
      resolve: 'noLinks',
    });
    if (fd === undefined)
      throw fail('RUNTIME_FAILED', `read the layer's file ${readable(path)}`, 'it is not there');
    try {
      return await open(`/proc/self/fd/${fd}`, 'r');
    } finally {
      await closeFd(fd);
    }
  } finally {
    await top.close();
  }
}

async function* content(folder: string, path: string, size: number): AsyncGenerator<Buffer, void> {
  const file = await openDeep(folder, path);
  try {
    let left = size;
    while (left > 0) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(left, 1 << 18)));
      if (bytesRead === 0)
        throw fail('RUNTIME_FAILED', `read the layer's file ${readable(path)}`, 'it is shorter than it was');
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
