import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TarEntry } from './entry.ts';
import { encodeHeader, parseHeader } from './header.ts';
import { encodePax, parsePaxList } from './pax.ts';
import { type ReadOptions, readTar } from './reader.ts';
import { encodeEntry, endOfArchive, padding, plainEntry } from './writer.ts';

type Written = readonly [TarEntry, Buffer?];

function archive(...entries: readonly Written[]): Buffer {
  const pieces = entries.flatMap(([entry, data = Buffer.alloc(0)]) => [
    encodeEntry({ ...entry, size: data.length }),
    data,
    padding(data.length),
  ]);
  return Buffer.concat([...pieces, endOfArchive]);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(
  bytes: Buffer,
  options: ReadOptions = { endMark: 'required' },
  size = 700,
): Promise<{ entry: TarEntry; data: Buffer }[]> {
  const found: { entry: TarEntry; data: Buffer }[] = [];
  for await (const { entry, data } of readTar(inPieces(bytes, size), options)) {
    const pieces: Buffer[] = [];
    for await (const piece of data()) pieces.push(piece);
    found.push({ entry, data: Buffer.concat(pieces) });
  }
  return found;
}

const file = (name: string): TarEntry => plainEntry('file', name);

describe('reading tar', () => {
  it('gives back what was written, whatever does not fit into a header', async () => {
    const entry: TarEntry = {
      ...file(`${'long/'.repeat(60)}n\xc3\xa4me`),
      uid: 3_000_000,
      gid: 2 ** 31,
      mode: 0o4755,
      mtime: '1700000000.123456789',
      xattrs: new Map([['security.capability', '\x01\0\0\x02\n=x']]),
    };
    const link: TarEntry = { ...plainEntry('symlink', 'l'), linkName: '../'.repeat(50) };
    const [one, two] = await read(archive([entry, Buffer.from('content')], [link]));
    expect(one?.entry).toEqual({ ...entry, size: 7 });
    expect(one?.data.toString()).toBe('content');
    expect(two?.entry).toEqual(link);
  });

  it('is the same however the stream is cut into pieces', async () => {
    const bytes = archive([file('a'), Buffer.alloc(1000, 'a')], [plainEntry('dir', 'd')], [file('d/b')]);
    const whole = await read(bytes, { endMark: 'required' }, bytes.length);
    for (const size of [1, 511, 512, 513])
      expect(await read(bytes, { endMark: 'required' }, size)).toEqual(whole);
  });

  it('hands out every byte that is not data, in order', async () => {
    const bytes = Buffer.concat([archive([file('a'), Buffer.alloc(700, 'x')]), Buffer.alloc(3000)]);
    const pieces: Buffer[] = [];
    const raw = async (piece: Buffer): Promise<void> => void pieces.push(Buffer.from(piece));
    for await (const { data } of readTar(inPieces(bytes, 900), { raw, endMark: 'required' }))
      for await (const piece of data()) pieces.push(Buffer.from(piece));
    const digest = (what: Buffer): string => createHash('sha256').update(what).digest('hex');
    expect(digest(Buffer.concat(pieces))).toBe(digest(bytes));
  });

  it('an archive that is cut off anywhere is refused', async () => {
    const bytes = archive([file('a'), Buffer.alloc(700, 'x')], [file('b'), Buffer.from('y')]);
    const ends = Array.from({ length: bytes.length - endOfArchive.length }, (_, at) => at);
    for (const end of ends.filter((at) => at % 97 === 0 || at % 512 === 0))
      await expect(read(bytes.subarray(0, end))).rejects.toThrow(/unexpected EOF/);
  });

  it('without its end mark it is accepted where a digest proves that it is whole', async () => {
    const bytes = archive([file('a'), Buffer.from('x')]);
    const cut = bytes.subarray(0, bytes.length - endOfArchive.length);
    expect(await read(cut, { endMark: 'optional' })).toHaveLength(1);
    await expect(read(cut)).rejects.toThrow(/unexpected EOF/);
  });

  it('what is no tar is refused', async () => {
    await expect(read(Buffer.alloc(2048, 'nonsense'))).rejects.toThrow(/no tar archive/);
    const bytes = archive([file('a')]);
    bytes[0] = 0x62;
    await expect(read(bytes)).rejects.toThrow(/checksum/);
  });

  it('reads numbers in base 256 and old checksums', () => {
    const block = encodeHeader({ ...file('a'), size: 0, type: '0', mtime: 0 });
    block.fill(0, 124, 136);
    block[124] = 0x80;
    block.writeUInt32BE(0x12345678, 132);
    block.fill(0x20, 148, 156);
    const sum = block.reduce((all, byte) => all + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(parseHeader(block)?.size).toBe(0x12345678);
  });

  it('any bytes are read or refused with a message, never otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.nat(1500), async (noise, at) => {
        const bytes = archive([file('a'), Buffer.alloc(600, 'x')], [plainEntry('dir', 'd')]);
        Buffer.from(noise).copy(bytes, at);
        await read(bytes).catch((thrown: { code?: string }) => expect(thrown.code).toBe('IMAGE_INVALID'));
      }),
      { numRuns: 60 },
    );
  });
});

describe('pax records', () => {
  it('count their own length', () => {
    const key = fc.stringMatching(/^[a-zA-Z.]{1,20}$/);
    const value = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([k]) => k }), (records) => {
        expect(parsePaxList(encodePax(new Map(records)))).toEqual(records);
      }),
    );
  });

  it.each(['5 a=', '9999 a=b\n', 'x a=b\n', '6 ab\n\n', ' 6 a=b\n', '-1 a=b\n'])('%j is refused', (text) => {
    expect(() => parsePaxList(Buffer.from(text))).toThrow('pax record');
  });
});
