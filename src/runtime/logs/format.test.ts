import { describe, expect, it } from 'vitest';
import { createFormatter } from './format.ts';
import { nanosecondsOf, parseLine, utcOf } from './line.ts';

const at = (second: string): string => `2026-01-02T03:04:${second}.000000007+00:00`;
const piece = (...lines: string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const options = { stdout: true, stderr: true, timestamps: false, follow: false, tty: true };
const raw = (buffer: Buffer): string => buffer.toString();

describe('a line of the log', () => {
  it('has time, stream, tag and text', () => {
    expect(parseLine(Buffer.from(`${at('05')} stderr P a b `))).toEqual({
      time: at('05'),
      stream: 'stderr',
      partial: true,
      text: Buffer.from('a b '),
    });
    expect(parseLine(Buffer.from(`${at('05')} stdout F `))?.text.length).toBe(0);
    expect(parseLine(Buffer.from('garbage'))).toBeUndefined();
  });

  it('has its time in nanoseconds and in UTC, whatever its zone', () => {
    expect(nanosecondsOf(at('05'))).toBe(1767323045000000007n);
    expect(nanosecondsOf('2026-01-02T05:04:05.000000007+02:00')).toBe(1767323045000000007n);
    expect(utcOf('2026-01-02T05:04:05.100000007+02:00')).toBe('2026-01-02T03:04:05.100000007Z');
    expect(utcOf(at('05'))).toBe('2026-01-02T03:04:05.000000007Z');
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
    expect(raw(read({ since: nanosecondsOf(at('02')) }).output)).toBe('b\nc\nd\n');
    expect(read({ until: nanosecondsOf(at('02')) })).toMatchObject({ over: true });
    expect(raw(read({ until: nanosecondsOf(at('02')) }).output)).toBe('a\nb\n');
  });
});
