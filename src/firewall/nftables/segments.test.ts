import { expect, it } from 'vitest';
import { segmentElements } from './segments.ts';

const keys = (...segments: readonly (readonly string[])[]): readonly string[] =>
  segmentElements(
    segments.map((subnets) => ({ name: 'net', subnets })),
    4,
  ).map(({ key }) => key);

it('the subnets of a network reach each other, and those of another family are left out', () => {
  expect(keys(['10.1.0.0/16', 'fd00::/64', '10.2.0.0/16'])).toEqual([
    '10.1.0.0/16 . 10.1.0.0/16',
    '10.1.0.0/16 . 10.2.0.0/16',
    '10.2.0.0/16 . 10.1.0.0/16',
    '10.2.0.0/16 . 10.2.0.0/16',
  ]);
});

it('what is within the subnets of another network is no element beside them', () => {
  const wide = ['10.0.0.0/8 . 10.0.0.0/8'];
  expect(keys(['10.0.0.0/8'], ['10.1.0.0/16'])).toEqual(wide);
  expect(keys(['10.1.0.0/16'], ['10.0.0.0/8'])).toEqual(wide);
  expect(keys(['10.0.0.0/8'], ['10.0.0.0/8'])).toEqual(wide);
  expect(keys(['10.0.0.0/8'], ['10.1.0.0/16', '192.168.0.0/24'])).toEqual([
    ...wide,
    '10.1.0.0/16 . 192.168.0.0/24',
    '192.168.0.0/24 . 10.1.0.0/16',
    '192.168.0.0/24 . 192.168.0.0/24',
  ]);
});
