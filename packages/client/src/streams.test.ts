import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { jsonLines, lines, output, progress } from './streams.ts';

const bodyOf = (...chunks: readonly (string | Buffer)[]): Readable =>
  Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

const frame = (stream: number, text: string): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt8(stream, 0);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
};

it('lines are whole wherever the chunks end, within a character too', async () => {
  const text = Buffer.from('één\r\ntwo\n\nend');
  for (let cut = 0; cut <= text.length; cut++) {
    const body = bodyOf(text.subarray(0, cut), text.subarray(cut));
    expect(await collected(lines(body))).toEqual(['één', 'two', '', 'end']);
  }
});

it('values are one per line', async () => {
  expect(await collected(jsonLines(bodyOf('{"a":1}\r\n\n{"a"', ':2}')))).toEqual([{ a: 1 }, { a: 2 }]);
});

it('progress throws the engine’s error', async () => {
  const seen: unknown[] = [];
  const watch = async (): Promise<void> => {
    for await (const line of progress(
      bodyOf('{"status":"x"}\n{"errorDetail":{"message":"no such image"}}\n'),
    ))
      seen.push(line);
  };
  await expect(watch()).rejects.toThrow('no such image');
  expect(seen).toEqual([{ status: 'x' }]);
});

it('output is told apart by its frames, and is as it comes with a terminal', async () => {
  const bytes = Buffer.concat([frame(1, 'out'), frame(2, 'err')]);
  const parts = await collected(output(bodyOf(bytes.subarray(0, 5), bytes.subarray(5)), { tty: false }));
  expect(parts.map(({ stream, data }) => [stream, String(data)])).toEqual([
    ['stdout', 'out'],
    ['stderr', 'err'],
  ]);
  expect(await collected(output(bodyOf('as it is'), { tty: true }))).toEqual([
    { stream: 'stdout', data: Buffer.from('as it is') },
  ]);
});
