import { expect, it } from 'vitest';
import { createShare, descriptorLimit } from './shares.ts';

it.each([
  [1_048_576, 1000, 128],
  [20_000, 100, 50],
  [1024, 0, 128],
  [1024, 8, 32],
  [1024, 500, 4],
])('of %d descriptors for %d sandboxes each has connections', (descriptors, sandboxes, expected) => {
  expect(createShare(descriptors, () => sandboxes)(128)).toBe(expected);
});

it('the limit of the process is known', () => {
  expect(descriptorLimit()).toBeGreaterThanOrEqual(256);
});
