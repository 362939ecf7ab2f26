import { expect, test } from 'vitest';
import { isAnonymous, labelsOf } from './volume.ts';

test('a volume without a name has the label that says so', () => {
  const labels = labelsOf({ a: 'b' }, { anonymous: true });
  expect(labels).toEqual({ a: 'b', 'com.docker.volume.anonymous': '' });
  expect(labelsOf({ a: 'b' }, { anonymous: false })).toEqual({ a: 'b' });
});

test('a volume with that label counts as anonymous, whoever gave it', () => {
  expect(isAnonymous({ anonymous: false, labels: { 'com.docker.volume.anonymous': 'x' } })).toBe(true);
  expect(isAnonymous({ anonymous: true, labels: {} })).toBe(true);
  expect(isAnonymous({ anonymous: false, labels: {} })).toBe(false);
});
