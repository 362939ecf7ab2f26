import { describe, expect, it } from 'vitest';
import type { Image } from '../model/image.ts';
import type { TableName, Tables, View } from '../model/tables.ts';
import { imageOf } from './config.ts';
import { findImage, getImage, nameImage } from './lookup.ts';
import { planRemoval, type RemoveRequest } from './remove.ts';

function image(seed: string, more: Partial<Image> = {}): Image {
  const file = Buffer.from(JSON.stringify({ architecture: seed, os: 'linux', rootfs: { diff_ids: [] } }));
  return { ...imageOf(file, []), ...more };
}

/** Records of images, and of containers that use them. */
function view(
  images: readonly Image[],
  users: Readonly<Record<string, { id: string; status: string }>> = {},
) {
  const containers = Object.entries(users).map(([imageId, { id, status }]) => ({
    id,
    image: imageId,
    state: { status },
  }));
  const rows = { images, containers } as unknown as Partial<Record<TableName, readonly { id: string }[]>>;
  const reader: Pick<View, 'get' | 'all'> = {
    get: <T extends TableName>(table: T, key: string) =>
      (rows[table] ?? []).find(({ id }) => id === key) as Tables[T] | undefined,
    all: <T extends TableName>(table: T) => (rows[table] ?? []) as unknown as Iterable<Tables[T]>,
  };
  return { reader, usedBy: (id: string) => users[id]?.id };
}

const remove = (of: ReturnType<typeof view>, reference: string, more: Partial<RemoveRequest> = {}) =>
  planRemoval(of.reader, { reference, force: false, noPrune: false, usedBy: of.usedBy, ...more });

const user = (status: string) => ({ id: 'c'.repeat(64), status });
const short = (one: Image): string => one.id.slice(7, 19);

describe('removing images', () => {
  it('the last name takes the image along', () => {
    const one = image('a', {
      tags: ['a:latest'],
      digests: [`a@sha256:${'1'.repeat(64)}`],
      layers: ['l1', 'l2'],
    });
    expect(remove(view([one]), 'a').report).toEqual([
      { untagged: 'a:latest' },
      { untagged: one.digests[0] },
      { deleted: one.id },
      { deleted: 'l2' },
      { deleted: 'l1' },
    ]);
  });

  it('one name of several only goes itself', () => {
    const one = image('a', { tags: ['a:latest', 'b:1'] });
    const { report, deleted } = remove(view([one]), 'b:1');
    expect(report).toEqual([{ untagged: 'b:1' }]);
    expect(deleted).toEqual([]);
  });

  it('layers that another image has stay', () => {
    const one = image('a', { tags: ['a:latest'], layers: ['l1', 'l2'] });
    const two = image('b', { tags: ['b:latest'], layers: ['l1'] });
    expect(remove(view([one, two]), 'a').report).not.toContainEqual({ deleted: 'l1' });
  });

  it('a name that a container uses is kept unless forced, in the words of Docker', () => {
    const one = image('a', { tags: ['busybox:latest'] });
    const used = view([one], { [one.id]: user('exited') });
    expect(() => remove(used, 'busybox')).toThrow(
      `conflict: unable to remove repository reference "busybox" (must force) - container cccccccccccc is using its referenced image ${short(one)}`,
    );
    expect(remove(used, 'busybox', { force: true }).report[0]).toEqual({ untagged: 'busybox:latest' });
  });

  it('under a running container an image only loses its name', () => {
    const one = image('a', { tags: ['busybox:latest'] });
    const used = view([one], { [one.id]: user('running') });
    expect(remove(used, 'busybox', { force: true })).toMatchObject({
      report: [{ untagged: 'busybox:latest' }],
      deleted: [],
    });
    expect(() => remove(used, one.id, { force: true })).toThrow(
      `conflict: unable to delete ${short(one)} (cannot be forced) - image is being used by running container cccccccccccc`,
    );
  });

  it('by id: several repositories and stopped containers must be forced', () => {
    const many = image('a', { tags: ['a:latest', 'b:latest'] });
    expect(() => remove(view([many]), many.id)).toThrow(
      '(must be forced) - image is referenced in multiple repositories',
    );
    expect(remove(view([many]), many.id, { force: true }).deleted).toEqual([many]);
    const stopped = view([image('b')], { [image('b').id]: user('exited') });
    expect(() => remove(stopped, short(image('b')))).toThrow('image is being used by stopped container');
  });

  it('an image with children cannot be deleted; nameless parents go with the last child', () => {
    const parent = image('p');
    const child = image('c', { tags: ['c:latest'], parent: parent.id });
    const both = view([parent, child]);
    expect(() => remove(both, parent.id, { force: true })).toThrow('image has dependent child images');
    expect(remove(both, 'c').deleted).toEqual([child, parent]);
    expect(remove(both, 'c', { noPrune: true }).deleted).toEqual([child]);
  });
});

describe('finding images', () => {
  const one = image('a', {
    tags: ['a:latest', 'localhost:5000/x:1'],
    digests: [`a@sha256:${'1'.repeat(64)}`],
  });
  const two = image('b', { tags: [`${one.id.slice(7, 15)}:latest`] });
  const { reader } = view([one, two]);

  it('by name, digest, id and its beginning', () => {
    for (const name of [
      'a',
      'a:latest',
      'docker.io/library/a',
      'localhost:5000/x:1',
      one.digests[0],
      one.id,
      one.id.slice(7),
    ])
      expect(findImage(reader, name ?? '')?.id).toBe(one.id);
    expect(findImage(reader, one.id.slice(0, 16))?.id).toBe(one.id);
    expect(findImage(reader, one.id.slice(7, 16))?.id).toBe(one.id);
  });

  it('a name wins over the beginning of an id', () => {
    expect(findImage(reader, one.id.slice(7, 15))?.id).toBe(two.id);
  });

  it('the beginning of several ids is none', () => {
    expect(findImage(reader, 'sha256:')).toBeUndefined();
    const many = view(Array.from({ length: 17 }, (_, at) => image(String(at)))).reader;
    const digits = [...'0123456789abcdef'].filter((digit) => findImage(many, digit) === undefined);
    expect(digits.length).toBeGreaterThan(0);
  });

  it('says which it did not find as Docker does', () => {
    expect(() => getImage(reader, 'nope')).toThrow('No such image: nope:latest');
    expect(() => getImage(reader, 'NOPE')).toThrow('repository name (library/NOPE) must be lowercase');
    expect(() => getImage(reader, 'f'.repeat(64))).toThrow(`No such image: sha256:${'f'.repeat(64)}`);
  });

  it('a tag moves from one image to the other', () => {
    const changes = nameImage(reader, two, { tags: ['a:latest'] });
    expect(changes).toEqual([
      { table: 'images', put: { ...one, tags: ['localhost:5000/x:1'] } },
      { table: 'images', put: { ...two, tags: [...two.tags, 'a:latest'] } },
    ]);
  });
});
