import { describe, expect, it } from 'vitest';
import { readBoolean, readInteger, readIp, readIpOf, readWord } from './option-values.ts';

describe('a yes or no', () => {
  it.each(['1', 't', 'T', 'TRUE', 'true', 'True'])('is yes as "%s"', (value) => {
    expect(readBoolean({ key: value }, 'key', false)).toBe(true);
  });

  it.each(['0', 'f', 'F', 'FALSE', 'false', 'False'])('is no as "%s"', (value) => {
    expect(readBoolean({ key: value }, 'key', true)).toBe(false);
  });

  it.each(['', 'yes', 'tRUE', ' true', '2'])('is refused as "%s"', (value) => {
    expect(() => readBoolean({ key: value }, 'key', true)).toThrow(
      `failed to parse key value: ${value} (strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax)`,
    );
  });

  it('is what it is otherwise where it is absent', () => {
    expect([readBoolean({}, 'key', true), readBoolean({}, 'key', false)]).toEqual([true, false]);
  });
});

describe('a number', () => {
  it.each([
    ['0', 0],
    ['1500', 1500],
    ['+7', 7],
    ['-7', -7],
    ['007', 7],
  ])('is read from %s', (value, expected) => {
    expect(readInteger({ key: value }, 'key', 5)).toBe(expected);
  });

  it.each(['', ' 1', '1.5', '1e3', '0x10', '+', '--1', 'many'])('is refused as "%s"', (value) => {
    expect(() => readInteger({ key: value }, 'key', 5)).toThrow('strconv.Atoi: parsing');
  });

  it('is what it is otherwise where it is absent', () => {
    expect(readInteger({}, 'key', 5)).toBe(5);
  });
});

describe('an address', () => {
  it('is read into one form', () => {
    expect(readIp({ key: 'FD00::0001' }, 'key')).toBe('fd00::1');
    expect(readIp({ key: '10.0.0.1' }, 'key')).toBe('10.0.0.1');
    expect(readIp({}, 'key')).toBe('');
  });

  it('may have to be of one family', () => {
    expect(readIpOf({ key: '10.0.0.1' }, 'key', 4)).toBe('10.0.0.1');
    expect(readIpOf({}, 'key', 6)).toBe('');
    const why = 'failed to parse key value: FD00::1 (not an IPv4 address)';
    expect(() => readIpOf({ key: 'FD00::1' }, 'key', 4)).toThrow(why);
  });

  it.each(['', '10.0.0', '10.0.0.1/24', 'host'])('is refused as "%s"', (value) => {
    expect(() => readIp({ key: value }, 'key')).toThrow(`failed to parse key value: ${value} (nil ip)`);
  });
});

describe('a word', () => {
  const choice = {
    words: ['a', 'b'],
    otherwise: 'b',
    unknown: (word: string) => `what is ${word}?`,
  } as const;

  it('is one of those that are known, or what it is otherwise', () => {
    expect(readWord({ key: 'a' }, 'key', choice)).toBe('a');
    expect([readWord({}, 'key', choice), readWord({ key: '' }, 'key', choice)]).toEqual(['b', 'b']);
  });

  it('is refused where it is none of them', () => {
    expect(() => readWord({ key: 'A' }, 'key', choice)).toThrow('what is A?');
  });
});
