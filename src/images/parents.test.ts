import { expect, it } from 'vitest';
import { idOf } from './config.ts';
import { withParents } from './parents.ts';
import type { NewImage } from './store.ts';

const step = (created: string, by: string): object => ({ created, created_by: by });

function image(...history: readonly object[]): NewImage {
  const file = Buffer.from(JSON.stringify({ rootfs: { type: 'layers', diff_ids: [] }, history }));
  return { file, layers: [], tags: [] };
}

const one = step('2015-01-01T00:00:00Z', 'one');
const base = image(one);
const baseId = idOf(base.file);
const parentOf = (child: NewImage, parent: string): string | undefined =>
  withParents([child, base], [parent, ''])[0]?.parent;

it('an image has the parent that the archive notes, whatever their order', () => {
  expect(parentOf(image(one, step('2016-01-01T00:00:00Z', 'two')), baseId)).toBe(baseId);
  expect(parentOf(image(step('2015-01-01T01:00:00+01:00', 'one'), {}), baseId)).toBe(baseId);
});

it('a parent that is not in the archive, or the image itself, is left out', () => {
  const child = image(one, {});
  expect(parentOf(child, `sha256:${'0'.repeat(64)}`)).toBeUndefined();
  expect(parentOf(child, idOf(child.file))).toBeUndefined();
  expect(parentOf(child, '')).toBeUndefined();
});

it('what cannot be its parent is refused', () => {
  for (const child of [
    image(one),
    image(one, {}, {}),
    image(step('2015-01-01T00:00:00Z', 'other'), {}),
    image(),
  ])
    if (idOf(child.file) !== baseId)
      expect(() => parentOf(child, baseId)).toThrow(`image ${baseId} is not a valid parent for`);
});
