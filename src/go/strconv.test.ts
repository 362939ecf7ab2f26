import { describe, expect, it } from 'vitest';
import { parseBool, parseInteger, parseIntegerOfAnyBase, parseUint32 } from './strconv.ts';

describe('booleans', () => {
  it('are those of Go', () => {
    expect(['1', 't', 'T', 'TRUE', 'true', 'True'].map(parseBool)).toEqual(Array(6).fill(true));
    expect(['0', 'f', 'F', 'FALSE', 'false', 'False'].map(parseBool)).toEqual(Array(6).fill(false));
  });

  it.each(['', 'yes', 'tRUE', ' true', '2', 'constructor'])('are not "%s"', (text) => {
    const why = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
    expect(() => parseBool(text)).toThrow(why);
  });
});

describe('integers', () => {
  it.each([
    ['0', 0],
    ['+7', 7],
    ['-7', -7],
    ['007', 7],
    ['9223372036854775807', 2 ** 63],
  ])('are read from %s', (text, expected) => {
    expect(parseInteger(text)).toBe(expected);
  });

  it.each(['', ' 1', '1.5', '1e3', '0x10', '+', '--1', 'many'])('are not "%s"', (text) => {
    const why = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
    expect(() => parseInteger(text, 'ParseInt')).toThrow(why);
  });

  it('have 64 bits', () => {
    const why = 'strconv.Atoi: parsing "9223372036854775808": value out of range';
    expect(() => parseInteger('9223372036854775808')).toThrow(why);
  });
});

describe('unsigned integers of any base', () => {
  it.each([
    ['0', 0],
    ['10', 10],
    ['010', 8],
    ['0_10', 8],
    ['0o10', 8],
    ['0O_17', 15],
    ['0x10', 16],
    ['0XfF', 255],
    ['0x_ff_ff', 65_535],
    ['0b101', 5],
    ['0B_1_1', 3],
    ['1_000', 1000],
    ['00', 0],
    ['4294967295', 2 ** 32 - 1],
    ['0xffffffff', 2 ** 32 - 1],
  ])('are read from %s', (text, expected) => {
    expect(parseUint32(text)).toBe(expected);
    expect([text, `+${text}`, `-${text}`].map(parseIntegerOfAnyBase)).toEqual([
      expected,
      expected,
      0 - expected,
    ]);
  });

  const malformed = [
    '',
    '-1',
    '+1',
    ' 1',
    '1 ',
    '1\n',
    '08',
    '0o8',
    '0b2',
    '0x',
    '0xg',
    '0b',
    '0o',
    '1e3',
    'ff',
  ];
  it.each([...malformed, '_1', '1_', '1__0', '0__1', '0_', '0x__1', '0x1_', '0_x1', '1.0', '0o', '0o-1'])(
    'are not "%s"',
    (text) => {
      const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
      expect(() => parseUint32(text)).toThrow(why);
    },
  );

  it.each(['4294967296', '0x100000000', '040000000000', '99999999999999999999999'])(
    'have 32 bits, unlike %s',
    (text) => {
      const why = `strconv.ParseUint: parsing "${text}": value out of range`;
      expect(() => parseUint32(text)).toThrow(why);
    },
  );

  it.each(['+', '-', '--1', '0x-1', '_1', '08'])('with a sign are not "%s"', (text) => {
    const why = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
    expect(() => parseIntegerOfAnyBase(text)).toThrow(why);
  });

  it('with a sign have 64 bits', () => {
    const why = 'strconv.ParseInt: parsing "0x8000000000000000": value out of range';
    expect(() => parseIntegerOfAnyBase('0x8000000000000000')).toThrow(why);
    expect(parseIntegerOfAnyBase('-0x8000000000000000')).toBe(-(2 ** 63));
  });
});
