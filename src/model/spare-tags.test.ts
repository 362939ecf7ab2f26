import { expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { spareTags } from './spare-tags.ts';

const id = 'sha256:1';
const sample = world().container('c1');
const createdBy = (Image: string, image = id) => ({ image, config: { ...sample.config, Image } });
const tags = ['busybox:b', 'busybox:latest', 'busybox:a', 'busybox:z'];

it.each([
  ['by a name', [createdBy('busybox:a')], ['busybox:b', 'busybox:latest', 'busybox:z']],
  ['by a name without a tag', [createdBy('busybox')], ['busybox:b', 'busybox:a', 'busybox:z']],
  [
    'by its id',
    [createdBy(id), createdBy('busybox:a', 'sha256:2')],
    ['busybox:b', 'busybox:latest', 'busybox:a'],
  ],
])('an image that a container was made of %s keeps one tag', (_how, containers, spare) => {
  expect(spareTags({ id, tags }, containers)).toEqual(spare);
});

it('a single tag, or none, is kept', () => {
  expect(spareTags({ id, tags: ['x:1'] }, [createdBy(id)])).toEqual([]);
  expect(spareTags({ id, tags: [] }, [createdBy(id)])).toEqual([]);
});
