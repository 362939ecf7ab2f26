import { expect, it } from 'vitest';
import { parseMark } from './mark.ts';

it('marks are numbers of any base that Go reads', () => {
  expect(parseMark('')).toBeUndefined();
  expect(parseMark('010')).toEqual({ value: 8 });
  expect(parseMark('0x10/0b1111_0000')).toEqual({ value: 16, mask: 240 });
  expect(parseMark('0/0o17')).toEqual({ value: 0, mask: 15 });
});

it.each(['1/', '/1', '1/2/3', '08', 'x', '-1'])('"%s" is no mark', (text) => {
  expect(() => parseMark(text)).toThrow('strconv.ParseUint');
});
