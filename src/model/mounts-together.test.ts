import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { type Asked, resolve, type World } from '../../test/model/mounts.ts';

describe('--volumes-from', () => {
  function donor(): World {
    const here = world();
    here.container('donor', {
      hostConfig: { Binds: ['data:/data', '/srv:/srv:ro'], Tmpfs: { '/run': '' } },
    });
    return here;
  }
  const taken = (from: string, more: Asked = {}) =>
    resolve({ VolumesFrom: [from], ...more }, donor()).mounts.map(({ destination, source, readWrite }) => [
      destination,
      source,
      readWrite,
    ]);

  it('takes binds and volumes of the other, not what is in memory', () => {
    expect(taken('donor')).toEqual([
      ['/data', '/volumes/data/_data', true],
      ['/srv', '/srv', false],
    ]);
  });

  it('can take them read-only, and never makes writable what is not', () => {
    expect(taken('donor:ro').map(([, , readWrite]) => readWrite)).toEqual([false, false]);
    expect(taken('donor:rw').map(([, , readWrite]) => readWrite)).toEqual([true, false]);
    expect(taken('donor:z,ro').map(([, , readWrite]) => readWrite)).toEqual([false, false]);
  });

  it('gives way to what is asked for the same place', () => {
    expect(taken('donor', { Binds: ['/mine:/data'] })).toContainEqual(['/data', '/mine', true]);
    expect(taken('donor', { Binds: ['/mine:/data'] })).toHaveLength(2);
  });

  it('leaves the last of several to whom the place belongs', () => {
    const here = donor();
    here.container('other', { hostConfig: { Binds: ['/other:/data'] } });
    const from = (...VolumesFrom: string[]) =>
      resolve({ VolumesFrom }, here).mounts.find(({ destination }) => destination === '/data')?.source;
    expect([from('donor', 'other'), from('other', 'donor')]).toEqual(['/other', '/volumes/data/_data']);
  });

  it('makes the last user of a volume without a name its owner', () => {
    const here = world();
    here.container('parent', { hostConfig: { Binds: ['/nameless', 'named:/named'] } });
    const [nameless = ''] = here.model.containerByName('parent')?.anonymousVolumes ?? [];
    expect(resolve({ VolumesFrom: ['parent'] }, here).anonymous).toEqual([nameless]);
    expect(resolve({ VolumesFrom: ['parent'], Binds: ['/mine:/nameless'] }, here).anonymous).toEqual([]);
  });

  it('comes before what the image declares', () => {
    expect(resolve({ VolumesFrom: ['donor'], Volumes: { '/data': {} } }, donor()).anonymous).toEqual([]);
  });

  it('does not fill them again, nor show the mode in which the other has them', () => {
    const { mounts } = resolve({ VolumesFrom: ['donor:z'] }, donor());
    expect(mounts.map(({ copyUp, mode }) => [copyUp, mode])).toEqual([
      [false, ''],
      [false, ''],
    ]);
  });

  it('says which mode or container it does not know', () => {
    expect(() => taken('donor:x')).toThrow('invalid mode: x');
    for (const mode of ['ro,rw', 'ro,nocopy', 'rshared', 'ro:rw'])
      expect(() => taken(`donor:${mode}`)).toThrow(`invalid mode: ${mode}`);
    expect(() => taken('gone')).toThrow(expect.objectContaining({ kind: 'invalid' }));
    expect(() => taken('gone')).toThrow('No such container: gone');
  });
});

describe('all mounts of a container', () => {
  it('are in the order in which they can be mounted: the outer ones first', () => {
    const { mounts } = resolve({
      Binds: ['/1:/a/b/c', '/2:/a'],
      Tmpfs: { '/a/b': '' },
      Volumes: { '/z': {}, '/a/b/c/d': {} },
    });
    expect(mounts.map(({ destination }) => destination)).toEqual(['/a', '/z', '/a/b', '/a/b/c', '/a/b/c/d']);
  });

  it.each([
    [{ Binds: ['/1:/a', '/2:/a/'] }],
    [{ Binds: ['/1:/a'], Mounts: [{ Type: 'tmpfs', Target: '/a' }] }],
    [{ Mounts: [{ Type: 'volume', Target: '/a' }], Tmpfs: { '//a': '' } }],
  ] as const)('have each their own place: %j', (asked) => {
    expect(() => resolve(asked as Asked)).toThrow('Duplicate mount point: /a');
  });

  it('include a volume for what the image declares and nobody asked for', () => {
    const { mounts, anonymous } = resolve({ Binds: ['/srv:/a'], Volumes: { '/a': {}, '/b/': {} } });
    expect(anonymous).toEqual(['anonymous1']);
    expect(mounts.map(({ destination, source }) => [destination, source])).toEqual([
      ['/a', '/srv'],
      ['/b', '/volumes/anonymous1/_data'],
    ]);
    expect(mounts[1]).toMatchObject({ mode: '', readWrite: true, copyUp: true });
  });

  it('are none where nothing is asked', () => {
    expect(resolve({})).toEqual({ mounts: [], anonymous: [] });
  });
});
