import { describe, expect, it } from 'vitest';
import { parseLogConfig } from './config.ts';
import { conmonLimit } from './rotation.ts';

const parse = (Type: string, Config: Record<string, string> = {}) => parseLogConfig({ Type, Config });

describe('log options', () => {
  it.each([
    ['', {}, { kept: true, maxSize: 0, maxFile: 1 }],
    ['json-file', { 'max-size': '10m', 'max-file': '3' }, { kept: true, maxSize: 10_000_000, maxFile: 3 }],
    ['json-file', { 'max-size': '4096', labels: 'a' }, { kept: true, maxSize: 4096, maxFile: 1 }],
    ['local', {}, { kept: true, maxSize: 20 * 2 ** 20, maxFile: 5 }],
    ['local', { compress: 'false', 'max-file': '1' }, { kept: true, maxSize: 20 * 2 ** 20, maxFile: 1 }],
    [
      'json-file',
      { compress: 'true', 'max-file': '2', 'max-size': '1k' },
      { kept: true, maxSize: 1000, maxFile: 2 },
    ],
    ['none', {}, { kept: false, maxSize: 0, maxFile: 1 }],
  ])('%s %j', (type, config, expected) => expect(parse(type, config)).toEqual(expected));

  it.each([
    ['syslog', {}, 'the log driver "syslog" is not supported'],
    ['foo', {}, 'error looking up logging plugin foo: plugin "foo" not found'],
    ['json-file', { mode: 'fast' }, 'logger: logging mode not supported: fast'],
    ['json-file', { 'max-buffer-size': '1m' }, 'max-buffer-size option is only supported with'],
    ['json-file', { foo: '1' }, "unknown log opt 'foo' for json-file log driver"],
    ['json-file', { 'max-size': '1k', 'max-file': '0' }, 'max-file cannot be less than 1'],
    ['json-file', { 'max-size': 'big' }, "invalid size: 'big'"],
    ['json-file', { 'max-size': '0' }, 'max-size must be a positive number'],
    ['local', { 'max-size': '1x' }, "invalid value for max-size: 1x: invalid suffix: 'x'"],
    ['json-file', { compress: 'true' }, 'compress cannot be true when max-file is less than 2'],
    ['json-file', { compress: 'true', 'max-file': '3' }, 'or max-size is not set'],
    ['json-file', { compress: 'yes' }, 'strconv.ParseBool: parsing "yes": invalid syntax'],
    ['local', { 'max-file': '1' }, 'compression cannot be enabled when max file count is 1'],
    ['local', { tag: 'a' }, "unknown log opt 'tag' for log driver local"],
  ])('%s %j is refused: %s', (type, config, why) => expect(() => parse(type, config)).toThrow(why));

  it('sizes have units, which are powers of 1000 as in Docker', () => {
    const sizes = ['1', '10m', '1.5M', '2gb', '1 KiB', '-1'];
    const parsed = sizes.map((size) => parse('json-file', { 'max-size': size }).maxSize);
    expect(parsed).toEqual([1, 10_000_000, 1_500_000, 2_000_000_000, 1000, 0]);
  });

  it('conmon alone keeps a single file; several are left to the engine, with a limit for when it is away', () => {
    expect(conmonLimit(parse('json-file', { 'max-size': '1m' }))).toBe(1_000_000);
    expect(conmonLimit(parse('json-file', { 'max-size': '1m', 'max-file': '3' }))).toBe(64 * 2 ** 20);
    expect(conmonLimit(parse('json-file'))).toBe(0);
  });
});
