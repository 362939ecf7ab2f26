import { expect, test } from 'vitest';
import { layerUse } from './layers.ts';

const base = { layers: ['a'], layerSizes: [10], size: 10 };
const child = { layers: ['a', 'b'], layerSizes: [10, 3], size: 13 };
const other = { layers: ['c', 'd'], size: 7 };

test('a layer counts once, however many images stand on it', () => {
  expect(layerUse([base, child, other]).total).toBe(20);
});

test('shared is what another image stands on, too', () => {
  const { shared } = layerUse([base, child, other]);
  expect([base, child, other].map(shared)).toEqual([10, 10, 0]);
  expect(layerUse([base]).shared(base)).toBe(0);
});
