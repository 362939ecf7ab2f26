import { describe, expect, it, test } from 'vitest';
import { binarySize, humanSize, parseDecimalSize, parseSize } from './size.ts';

describe('sizes as docker/go-units parses them', () => {
  test.each([
    ['32', 32, 32],
    ['32b', 32, 32],
    ['32 kB', 32_768, 32_000],
    ['1.5KiB', 1536, 1500],
    ['.5m', 524_288, 500_000],
    ['1e3', 1000, 1000],
    ['2G', 2 ** 31, 2e9],
    ['1t', 2 ** 40, 1e12],
    ['1PiB', 2 ** 50, 1e15],
  ])('%s', (text, binary, decimal) => {
    expect([parseSize(text), parseDecimalSize(text)]).toEqual([binary, decimal]);
  });

  test.each([
    ['', "invalid size: ''"],
    ['big', "invalid size: 'big'"],
    ['-32', "invalid size: '-32'"],
    [' 32k', 'strconv.ParseFloat: parsing " 32": invalid syntax'],
    ['32  k', 'strconv.ParseFloat: parsing "32 ": invalid syntax'],
    ['1.2.3', 'strconv.ParseFloat: parsing "1.2.3": invalid syntax'],
    ['32x', "invalid suffix: 'x'"],
    ['32bb', "invalid suffix: 'bb'"],
    ['32ib', "invalid suffix: 'ib'"],
    ['32Kbps', "invalid suffix: 'Kbps'"],
  ])('"%s" is refused in its words', (text, why) => {
    expect(() => parseSize(text)).toThrow(new Error(why));
  });

  it('are printed with as many digits as asked', () => {
    expect([humanSize(1_500_000), humanSize(4_261_550, 3), binarySize(2_096_128_000)]).toEqual([
      '1.5MB',
      '4.26MB',
      '1.952GiB',
    ]);
  });
});
