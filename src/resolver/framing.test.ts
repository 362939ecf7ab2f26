import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createUnframer, framed } from './framing.ts';
import { createLineReader, parseRequest } from './protocol.ts';

it('messages come out of a stream as they went in, in whatever pieces', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 5 });
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 700 }), (all, piece) => {
      const stream = Buffer.concat(all.map(framed));
      const found: Buffer[] = [];
      const take = createUnframer((message) => found.push(Buffer.from(message)));
      for (let at = 0; at < stream.length; at += piece) take(stream.subarray(at, at + piece));
      expect(found.map((message) => message.toString('hex'))).toEqual(
        all.map((message) => Buffer.from(message).toString('hex')),
      );
    }),
  );
});

it('requests come line by line, and are refused when they are none', () => {
  const lines: string[] = [];
  const read = createLineReader((line) => lines.push(line));
  read(Buffer.from('{"op":"sta'));
  read(Buffer.from('tus"}\n{"op":"adopt","sandbox":"x","namespace":"4:7","uses":"listen-udp"}\n'));
  expect(lines.map(parseRequest)).toEqual([
    { op: 'status' },
    { op: 'adopt', sandbox: 'x', namespace: '4:7', uses: 'listen-udp' },
  ]);
  for (const line of ['{}', '"status"', 'null', '{"op":"adopt","sandbox":"x"}', '{"op":"forget"}', 'x'])
    expect(() => parseRequest(line)).toThrow();
  expect(() => read(Buffer.alloc(5 << 20, 'x'))).toThrow(RangeError);
});
