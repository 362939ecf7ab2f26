import { describe, expect, it } from 'vitest';
import { sprintf } from './printf.ts';
import type { Value } from './values.ts';

describe('printf', () => {
  const cases: [string, Value[], string][] = [
    ['plain', [], 'plain'],
    ['100%%', [], '100%'],
    ['%s and %s', ['a', 'b'], 'a and b'],
    ['%v %v %v %v', ['a', 1, true, null], 'a 1 true <nil>'],
    ['%v', [['a', 1]], '[a 1]'],
    ['%s', [new Map<string, Value>([['k', 'v']])], 'map[k:v]'],
    ['%d|%5d|%-5d|%05d', [7, 7, 7, 7], '7|    7|7    |00007'],
    ['%+d|%+d|% d', [7, -7, 7], '+7|-7| 7'],
    ['%05d|%+05d|%-05d|', [-7, 7, 7], '-0007|+0007|7    |'],
    ['%d', [9223372036854775807n], '9223372036854775807'],
    ['%d', [-9223372036854775808n], '-9223372036854775808'],
    ['%x %X %#x %#X', [255, 255, 255, 255], 'ff FF 0xff 0XFF'],
    ['%o %b %c', [8, 5, 65], '10 101 A'],
    ['%x|%X', ['hi', 'jo'], '6869|6A6F'],
    ['%q|%q', ['a"b', 65], '"a\\"b"|\'A\''],
    ['%#v|%#v', ['a', 1], '"a"|1'],
    ['%t|%t', [true, false], 'true|false'],
    ['%f|%.2f|%8.3f|%.0f', [1.5, 1.005, 2.34567, 2.4], '1.500000|1.00|   2.346|2'],
    ['%e|%.1e|%e', [1234.5, 1234.5, 1e-10], '1.234500e+03|1.2e+03|1.000000e-10'],
    ['%g|%.3g', [0.5, 2.34567], '0.5|2.35'],
    ['%6s|%-6s|%.2s|%6.2s', ['abc', 'abc', 'abc', 'abc'], '   abc|abc   |ab|    ab'],
    ['%.s|', ['abc'], '|'],
    ['%3s', ['äöüß'], 'äöüß'],
    ['%5s|%.1s', ['äö', 'äö'], '   äö|ä'],
    ['%*d|%-*d|%.*f', [4, 7, 3, 8, 1, 2.55], '   7|8  |2.5'],
    ['%5v', [true], ' true'],
  ];
  it.each(cases)('prints "%s" of %o as %s', (format, args, expected) => {
    expect(sprintf(format, args)).toBe(expected);
  });

  const mistakes: [string, Value[], string][] = [
    ['%d', ['hi'], '%!d(string=hi)'],
    ['%s', [42], '%!s(int=42)'],
    ['%d', [1.5], '%!d(float64=1.5)'],
    ['%d', [true], '%!d(bool=true)'],
    ['%t', ['x'], '%!t(string=x)'],
    ['%d', [null], '%!d(<nil>)'],
    ['%s', [undefined], '%!s(<nil>)'],
    ['%d %d', [1], '1 %!d(MISSING)'],
    ['%d', [1, 'two', 3], '1%!(EXTRA string=two, int=3)'],
    ['none', [1], 'none%!(EXTRA int=1)'],
    ['50%', [], '50%!(NOVERB)'],
    ['%z', [1], '%!z(int=1)'],
    ['%x', [['a']], '%!x(slice=[a])'],
  ];
  it.each(mistakes)('shows the mistake in "%s" of %o: %s', (format, args, expected) => {
    expect(sprintf(format, args)).toBe(expected);
  });
});
