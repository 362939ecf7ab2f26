import { describe, expect, it } from 'vitest';
import { mtuOption, prefixOption, readMtu, readPrefix, refuseSmallMtu } from './options.ts';

describe('an MTU', () => {
  it.each([
    ['0', 0],
    ['68', 68],
    ['65535', 65535],
  ])('may be %s', (value, expected) => {
    expect(readMtu({ [mtuOption]: value })).toBe(expected);
  });

  it.each(['67', '65536', '-1', '1'])('is not %s', (value) => {
    expect(() => readMtu({ [mtuOption]: value })).toThrow(`invalid MTU number: ${value}`);
  });

  it('is at least 1280 with IPv6, or left open', () => {
    const message = 'invalid MTU number: 1279: IPv6 needs at least 1280';
    expect(() => refuseSmallMtu(1279, true)).toThrow(message);
    for (const [mtu, ipv6] of [
      [1280, true],
      [0, true],
      [1279, false],
      [68, undefined],
    ] as const)
      expect(() => refuseSmallMtu(mtu, ipv6)).not.toThrow();
  });
});

describe('what the names of interfaces begin with', () => {
  it('has room for a number of three digits behind its start', () => {
    expect([readPrefix({}), readPrefix({ [prefixOption]: '' })]).toEqual(['eth', 'eth']);
    expect(readPrefix({ [prefixOption]: 'x'.repeat(12) })).toBe('x'.repeat(12));
    for (const prefix of ['x'.repeat(13), 'a b', 'a/', 'a%d'])
      expect(() => readPrefix({ [prefixOption]: prefix })).toThrow(
        `invalid ${prefixOption} value: ${prefix}`,
      );
  });
});
