/** Decompresses archives; the format is detected by the first bytes. */
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { fail, hasCode, messageOf } from '../errors.ts';
import { startPiped } from '../programs/start.ts';
import type { Bytes } from './tar/bytes.ts';

/** Milliseconds without progress after which a packing or unpacking program is killed. */
export const longestSilence = 120_000;

/** gzip RFC 1952, zstd RFC 8878, bzip2 and xz by their file formats. */
const magics: readonly (readonly [name: string, magic: Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['bzip2', Buffer.from('BZh')],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
];

/** The uncompressed bytes. Reading truncated or damaged data throws IMAGE_INVALID. */
export async function* decompressed(source: AsyncIterable<Buffer>): Bytes & AsyncGenerator<Buffer, void> {
  const chunks = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 6) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = async function* (): AsyncGenerator<Buffer, void> {
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  };
  const name = magics.find(([, magic]) => head.subarray(0, magic.length).equals(magic))?.[0];
  if (name === 'gzip') yield* through(createGunzip(), whole(), name);
  else if (name === 'zstd') yield* through(createZstdDecompress(), whole(), name);
  else if (name) yield* byProgram(name, whole());
  else yield* whole();
}

/** Reads the codec's output while its input is fed; the first error of either side is thrown. */
async function* through(
  codec: NodeJS.ReadWriteStream & { destroy(error?: Error): unknown },
  input: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer, void> {
  let inputError: unknown;
  const fed = feed(codec, input).catch((thrown: unknown) => {
    inputError = thrown;
    codec.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
  });
  try {
    for await (const piece of codec as AsyncIterable<Buffer>) yield piece;
    await fed;
  } catch (thrown) {
    if (inputError) throw inputError;
    if (/unexpected end of file/.test(messageOf(thrown))) throw fail('IMAGE_INVALID', 'unexpected EOF');
    throw fail('IMAGE_INVALID', `damaged ${name} data: ${messageOf(thrown)}`);
  } finally {
    codec.destroy();
  }
}

/** Writes all of it, at the reader's pace. */
export async function feed(to: NodeJS.WritableStream, from: AsyncIterable<Buffer>): Promise<void> {
  for await (const piece of from) await write(to, piece);
  to.end();
}

/** Writes a piece and waits for a slow reader. Rejects if the stream breaks. */
export async function write(to: NodeJS.WritableStream, piece: Buffer): Promise<void> {
  if (piece.length === 0) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  to.write(piece, (error) => (error ? reject(error) : resolve()));
  await promise;
}

async function* byProgram(name: string, input: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const { child, ended } = startPiped(name, ['-dc'], { silence: longestSilence });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, 2000);
  });
  const fed = feed(child.stdin, input);
  fed.catch(() => {});
  try {
    for await (const piece of child.stdout as Readable) yield piece as Buffer;
    const { code } = await ended.catch((thrown: unknown) => {
      throw hasCode(thrown, 'PROGRAM_MISSING')
        ? fail('NOT_SUPPORTED', `reading a ${name} archive without the program ${name} (install it)`)
        : thrown;
    });
    if (code !== 0) throw fail('IMAGE_INVALID', `damaged or cut off ${name} data: ${said.trim()}`);
    await fed;
  } finally {
    child.kill('SIGKILL');
  }
}
