import { describe, expect, test } from 'vitest';
import { busybox } from '../../../test/api/records.ts';
import { namedLike } from './images-list.ts';

const digest = `app@sha256:${'d'.repeat(64)}`;
const image = {
  ...busybox,
  tags: ['app:new', 'app:old', 'busybox:latest', 'keep:1', 'localhost:5000/app:1', 'me/app:2'],
  digests: [digest],
};

describe('the filter reference leaves of an image the names that match', () => {
  test.each([
    ['app', ['app:new', 'app:old'], [digest]],
    ['app:old', ['app:old'], []],
    ['app:o*', ['app:old'], []],
    ['app@*', [], [digest]],
    ['*', ['app:new', 'app:old', 'busybox:latest', 'keep:1'], [digest]],
    ['*/app', ['localhost:5000/app:1', 'me/app:2'], []],
    ['localhost:5000/app', ['localhost:5000/app:1'], []],
    ['[ak]*:[1n]*', ['app:new', 'keep:1'], []],
  ])('%s', (pattern, tags, digests) => {
    expect(namedLike(image, [pattern])).toMatchObject({ tags, digests });
  });

  test.each(['nosuch', 'library/app', 'docker.io/library/app', 'APP', 'app:'])(
    '%s matches none',
    (pattern) => {
      expect(namedLike(image, [pattern])).toBeUndefined();
    },
  );

  test('several patterns add up', () => {
    expect(namedLike(image, ['keep', 'app:old'])).toMatchObject({ tags: ['app:old', 'keep:1'], digests: [] });
    expect(namedLike({ ...image, tags: [], digests: [] }, ['*'])).toBeUndefined();
  });

  test('a malformed pattern is refused', () => {
    expect(() => namedLike(image, ['['])).toThrow('syntax error in pattern');
  });
});
