import { describe, expect, it } from 'vitest';
import { createFormatter } from './format.ts';
import { headLength, isFull, streamOf, timeOf, utcOf, utcOfNanoseconds } from './line.ts';

const at = (second: string): string => `2026-01-02T03:04:${second}.000000007+00:00`;
const piece = (...lines: string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
/** Nanoseconds of `at(second)`. */
const moment = (second: string): bigint => 1_767_323_040_000_000_007n + BigInt(second) * 1_000_000_000n;
const options = { stdout: true, stderr: true, timestamps: false, follow: false, tty: true };
const raw = (buffer: Buffer): string => buffer.toString();

describe('a line of the log', () => {
  it('has time, stream, tag and text, also in the middle of a piece', () => {
    const before = `${at('04')} stdout F before\n`;
    const text = Buffer.from(`${before}${at('05')} stderr P a b `);
    const start = before.length;
    expect(timeOf(text, start)).toBe(at('05'));
    expect(streamOf(text, start, text.length)).toBe('stderr');
    expect([isFull(text, 0), isFull(text, start)]).toEqual([true, false]);
    expect(text.toString('utf8', start + headLength)).toBe('a b ');
    const empty = Buffer.from(`${at('05')} stdout F `);
    expect(streamOf(empty, 0, empty.length)).toBe('stdout');
  });

  it('is nothing where conmon did not write it', () => {
    for (const line of ['garbage', `${at('05')} stdxxx F text`, `${at('05')}`, 'x'.repeat(60)])
      expect(streamOf(Buffer.from(line), 0, line.length)).toBeUndefined();
  });

  it('has its time in UTC, whatever its zone, as limits have theirs', () => {
    expect(utcOf('2026-01-02T05:04:05.100000007+02:00')).toBe('2026-01-02T03:04:05.100000007Z');
    expect(utcOf(at('05'))).toBe('2026-01-02T03:04:05.000000007Z');
    expect(utcOfNanoseconds(1767323045000000007n)).toBe('2026-01-02T03:04:05.000000007Z');
    expect(utcOfNanoseconds(-1n)).toBe('1970-01-01T00:00:00.000000000Z');
    expect(utcOfNanoseconds(2n ** 70n)).toBe('9999-12-31T23:59:59.999999999Z');
  });
});

describe('what a client reads', () => {
  it('is framed by stream, or raw with a terminal', () => {
    const lines = piece(`${at('01')} stdout F out`, `${at('02')} stderr F err`);
    const framed = createFormatter({ ...options, tty: false }).format(lines).output;
    expect(framed).toEqual(
      Buffer.from('\u0001\0\0\0\0\0\0\u0004out\n\u0002\0\0\0\0\0\0\u0004err\n', 'latin1'),
    );
    expect(raw(createFormatter(options).format(lines).output)).toBe('out\nerr\n');
  });

  it('has partial lines joined, stamped once, across pieces', () => {
    const formatter = createFormatter({ ...options, timestamps: true });
    const first = formatter.format(piece(`${at('01')} stdout P one `));
    const second = formatter.format(piece(`${at('02')} stdout F two`, `${at('03')} stdout F three`));
    expect(raw(first.output) + raw(second.output)).toBe(
      '2026-01-02T03:04:01.000000007Z one two\n2026-01-02T03:04:03.000000007Z three\n',
    );
  });

  it('is within the times and of the streams asked for', () => {
    const lines = piece(
      `${at('01')} stdout F a`,
      `${at('02')} stderr F b`,
      `${at('03')} stdout F c`,
      `${at('04')} stdout F d`,
    );
    const read = (change: object) => createFormatter({ ...options, ...change }).format(lines);
    expect(raw(read({ stderr: false }).output)).toBe('a\nc\nd\n');
    expect(raw(read({ since: moment('02') }).output)).toBe('b\nc\nd\n');
    expect(read({ until: moment('02') })).toMatchObject({ over: true });
    expect(raw(read({ until: moment('02') }).output)).toBe('a\nb\n');
  });

  it('is whole for lines of every length, and without what is not a line', () => {
    const texts = Array.from({ length: 300 }, (_, length) => 'é'.repeat(length));
    const lines = piece(...texts.flatMap((text) => [`${at('01')} stdout F ${text}`, 'garbage']));
    const { output } = createFormatter({ ...options, tty: false }).format(lines);
    const frames = texts.map((text) => {
      const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
      header.writeUInt32BE(Buffer.byteLength(text) + 1, 4);
      return Buffer.concat([header, Buffer.from(`${text}\n`)]);
    });
    expect(output).toEqual(Buffer.concat(frames));
  });

  it('is compared with the limits whatever the zone that the log was written in', () => {
    const lines = piece(
      '2026-01-02T05:04:01.000000000+02:00 stdout F a',
      '2026-01-01T22:04:03.000000000-05:00 stdout F b',
    );
    const limits = { since: moment('01'), until: moment('03') };
    expect(raw(createFormatter({ ...options, ...limits }).format(lines).output)).toBe('b\n');
  });

  it('is one frame per line, also where it was read in parts, but never longer than Docker has them', () => {
    const { format, flush } = createFormatter({ ...options, tty: false, timestamps: true });
    const frames = (bytes: Buffer): string[] => {
      const texts: string[] = [];
      for (let at = 0; at < bytes.length; at += 8 + bytes.readUInt32BE(at + 4))
        texts.push(`${bytes[at]} ${bytes.toString('latin1', at + 8, at + 8 + bytes.readUInt32BE(at + 4))}`);
      return texts;
    };
    const time = '2026-01-02T03:04:01.000000007Z';
    const half = 'x'.repeat(8192);
    const lines = [`${at('01')} stdout P one `, `${at('02')} stderr F err`, `${at('03')} stdout F two`];
    expect(frames(format(piece(...lines)).output)).toEqual([
      '2 2026-01-02T03:04:02.000000007Z err\n',
      `1 ${time} one two\n`,
    ]);
    const long = [half, half, half].map((text) => `${at('01')} stdout P ${text}`);
    expect(frames(format(piece(...long)).output)).toEqual([`1 ${time} ${half}${half}`]);
    expect(frames(flush())).toEqual([`1 ${half}`]);
    expect(frames(flush())).toEqual([]);
    expect(frames(format(piece(`${at('04')} stdout F end`)).output)).toEqual(['1 end\n']);
  });

  it('has the start of a line that is not over as soon as nothing more comes', () => {
    const { format, flush } = createFormatter({ ...options, timestamps: true });
    expect(format(piece(`${at('01')} stdout P prompt: `)).output.length).toBe(0);
    expect(raw(flush())).toBe('2026-01-02T03:04:01.000000007Z prompt: ');
    expect(raw(format(piece(`${at('02')} stdout F answer`)).output)).toBe('answer\n');
  });
});
