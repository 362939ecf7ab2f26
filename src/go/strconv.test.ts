import { describe, expect, it } from 'vitest';
import { parseBool, parseInteger } from './strconv.ts';

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
