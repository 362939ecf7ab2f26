import { describe, expect, it } from 'vitest';
import { blankConfig } from './blank.ts';
import type { ContainerConfig, HostConfig, MountAsk, MountPoint } from './container.ts';
import { world } from './fixture.ts';
import { checkMode, resolveMounts } from './mounts.ts';

type World = ReturnType<typeof world>;
type Asked = Partial<HostConfig> & { readonly Volumes?: ContainerConfig['Volumes'] };

function resolve({ Volumes = null, ...hostConfig }: Asked, here: World = world()) {
  let count = 0;
  const context = {
    anonymousName: () => `anonymous${++count}`,
    volumePath: (name: string) => `/volumes/${name}/_data`,
    dataRoot: '/var/lib/seaway',
  };
  const config = { ...blankConfig, Volumes };
  return resolveMounts(here.model, { config, hostConfig: hostConfig as HostConfig }, context);
}

/** The only mount of what was asked. */
function only(asked: Asked, here?: World): MountPoint {
  const { mounts } = resolve(asked, here);
  expect(mounts).toHaveLength(1);
  return mounts[0] as MountPoint;
}

const bind = (spec: string): MountPoint => only({ Binds: [spec] });
const mount = (ask: Partial<MountAsk> & Pick<MountAsk, 'Type'>): MountPoint =>
  only({ Mounts: [{ Target: '/data', ...ask }] });

describe('-v', () => {
  it('mounts a folder of the host', () => {
    expect(bind('/srv:/data')).toEqual({
      type: 'bind',
      name: '',
      source: '/srv',
      destination: '/data',
      driver: '',
      mode: '',
      readWrite: true,
      propagation: 'rprivate',
      options: '',
      nonRecursive: false,
      copyUp: false,
    });
  });

  it('a bind of the data root, or above it, follows the host’s mounts', () => {
    for (const source of ['/', '/var', '/var/lib/seaway', '/var/lib/seaway/volumes/a'])
      expect(bind(`${source}:/data`).propagation).toBe('rslave');
    expect(bind('/var/log:/data').propagation).toBe('rprivate');
    expect(bind('/:/data:rshared').propagation).toBe('rshared');
    expect(mount({ Type: 'bind', Source: '/var' }).propagation).toBe('rslave');
    for (const word of ['private', 'rprivate', 'slave', 'shared'])
      expect(() => bind(`/:/data:${word}`)).toThrow(
        `must use either propagation mode "rslave" or "rshared" when mount source is within the daemon root, daemon root: "/var/lib/seaway", bind mount source: "/", propagation: "${word}"`,
      );
    expect(() => mount({ Type: 'bind', Source: '/', BindOptions: { Propagation: 'private' } })).toThrow(
      'propagation: "private"',
    );
  });

  it('mounts a volume by its name, filled from the image', () => {
    expect(bind('data:/data')).toEqual({
      type: 'volume',
      name: 'data',
      source: '/volumes/data/_data',
      destination: '/data',
      driver: 'local',
      mode: 'z',
      readWrite: true,
      propagation: '',
      options: '',
      nonRecursive: false,
      copyUp: true,
    });
  });

  it('makes a volume where only a destination is given, which is the container’s own', () => {
    const { mounts, anonymous } = resolve({ Binds: ['/data'] });
    expect(anonymous).toEqual(['anonymous1']);
    expect(mounts[0]).toMatchObject({ name: 'anonymous1', source: '/volumes/anonymous1/_data', mode: '' });
    expect(mounts[0]).toMatchObject({ type: 'volume', destination: '/data', readWrite: true });
  });

  it.each([
    ['/srv:/data:ro', { readWrite: false, mode: 'ro', propagation: 'rprivate' }],
    ['/srv:/data:rw,Z', { readWrite: true, mode: 'rw,Z' }],
    ['/srv:/data:ro,rslave', { readWrite: false, propagation: 'rslave' }],
    ['/srv:/data:shared,cached', { readWrite: true, propagation: 'shared' }],
    ['data:/data:ro', { readWrite: false, mode: 'ro', copyUp: true }],
    ['data:/data:nocopy', { readWrite: true, mode: 'nocopy', copyUp: false }],
    ['/srv://data//x/./y/', { destination: '/data/x/y' }],
  ])('reads %s', (spec, expected) => {
    expect(bind(spec)).toMatchObject(expected);
  });

  it.each([
    ['a:/b:ro:z', "invalid volume specification: 'a:/b:ro:z'"],
    ['a::ro', "invalid volume specification: 'a::ro'"],
    [':/b', "invalid volume specification: ':/b'"],
    ['', "invalid volume specification: ''"],
    ['a:b', "invalid mount path: 'b' mount path must be absolute"],
    ['relative', "invalid mount path: 'relative' mount path must be absolute"],
    ['a:/', "invalid specification: destination can't be '/'"],
    ['/srv://./', "invalid specification: destination can't be '/'"],
    ['a:/b:wr', 'invalid mode: wr'],
    ['a:/b:ro,rw', 'invalid mode: ro,rw'],
  ])('refuses %s', (spec, message) => {
    expect(() => bind(spec)).toThrow(message);
  });
});

describe('checkMode', () => {
  it.each(['', 'ro', 'rw', 'z', 'Z', 'nocopy', 'consistent', 'rprivate', 'ro,z,rshared,cached'])(
    'takes "%s"',
    (mode) => {
      expect(() => checkMode(mode)).not.toThrow();
    },
  );

  it.each([
    'x',
    'RO',
    'ro,ro',
    'z,Z',
    'copy',
    'ro,copy',
    'nocopy,nocopy',
    'cached,delegated',
    'shared,private',
    'ro,x',
  ])('refuses "%s"', (mode) => {
    expect(() => checkMode(mode)).toThrow(`invalid mode: ${mode}`);
  });
});

describe('--mount', () => {
  const bound = { Type: 'bind', Source: '/srv' } as const;

  it.each([
    [bound, { type: 'bind', source: '/srv', readWrite: true, propagation: 'rprivate', options: 'exists' }],
    [
      { ...bound, ReadOnly: true },
      { readWrite: false, nonRecursive: false, mode: '' },
    ],
    [{ ...bound, BindOptions: { CreateMountpoint: true } }, { options: 'create' }],
    [
      { ...bound, BindOptions: { NonRecursive: true, Propagation: 'slave' } },
      { nonRecursive: true, propagation: 'slave' },
    ],
    [
      { Type: 'volume', Source: 'data' },
      { type: 'volume', name: 'data', mode: 'z', copyUp: true, readWrite: true },
    ],
    [{ Type: 'volume', Source: 'data', VolumeOptions: { NoCopy: true } }, { copyUp: false }],
    [{ Type: 'volume', Source: 'data', ReadOnly: true }, { readWrite: false }],
    [{ Type: 'tmpfs' }, { type: 'tmpfs', source: '', options: '', readWrite: true, propagation: '' }],
    [
      { Type: 'tmpfs', ReadOnly: true },
      { options: 'ro', readWrite: false },
    ],
    [
      { Type: 'tmpfs', TmpfsOptions: { SizeBytes: 65536, Mode: 0o1770 } },
      { options: 'size=65536,mode=1770' },
    ],
    [{ Type: 'tmpfs', TmpfsOptions: { Mode: 0o700 }, ReadOnly: true }, { options: 'mode=700,ro' }],
  ] as const)('reads %j', (ask, expected) => {
    expect(mount(ask)).toMatchObject({ destination: '/data', ...expected });
  });

  it('has no more to it than was asked', () => {
    const nothing = { name: '', driver: '', mode: '', nonRecursive: false, copyUp: false };
    expect(mount(bound)).toEqual({
      ...nothing,
      type: 'bind',
      source: '/srv',
      destination: '/data',
      readWrite: true,
      propagation: 'rprivate',
      options: 'exists',
    });
    expect(mount({ Type: 'tmpfs' })).toEqual({
      ...nothing,
      type: 'tmpfs',
      source: '',
      destination: '/data',
      readWrite: true,
      propagation: '',
      options: '',
    });
    expect(mount({ Type: 'volume', Source: 'data' })).toEqual(bind('data:/data'));
  });

  it('makes a volume where none is named', () => {
    const { mounts, anonymous } = resolve({ Mounts: [{ Type: 'volume', Target: '/data' }] });
    expect([mounts[0]?.name, anonymous]).toEqual(['anonymous1', ['anonymous1']]);
    expect(resolve({ Mounts: [{ Type: 'volume', Target: '/data', Source: 'mine' }] }).anonymous).toEqual([]);
  });

  const refusals: [Partial<MountAsk> & Pick<MountAsk, 'Type'>, string][] = [
    [{ Type: 'bind' }, 'invalid mount config for type "bind": field Source must not be empty'],
    [{ Type: 'bind', Source: 'srv' }, `invalid mount path: 'srv' mount path must be absolute`],
    [{ ...bound, BindOptions: { Propagation: 'odd' } }, 'invalid propagation mode: odd'],
    [{ ...bound, Target: 'data' }, "invalid mount path: 'data' mount path must be absolute"],
    [{ Type: 'npipe', Source: 'x' }, 'a mount of type npipe'],
    [{ Type: 'volume', Source: 'x', VolumeOptions: { Subpath: 'a' } }, 'volume-subpath'],
  ];
  it.each(refusals)('refuses %j', (ask, message) => {
    expect(() => mount(ask)).toThrow(message);
  });
});

describe('--tmpfs', () => {
  it.each([
    ['', true],
    ['size=64m,mode=1777', true],
    ['rw,noexec,nosuid,nr_inodes=5', true],
    ['ro,size=1g', false],
  ])('takes "%s"', (options, readWrite) => {
    const found = only({ Tmpfs: { '/run': options } });
    expect(found).toMatchObject({ type: 'tmpfs', destination: '/run', options, readWrite });
  });

  it.each([
    ['size', 'invalid tmpfs option "size"'],
    ['ro=1', 'invalid tmpfs option "ro=1"'],
    ['uid=1,odd', 'invalid tmpfs option "odd"'],
    ['odd=1=2', 'invalid tmpfs option "odd=1=2"'],
  ])('refuses "%s"', (options, message) => {
    expect(() => resolve({ Tmpfs: { '/run': options } })).toThrow(message);
  });
});

describe('a read-only bind', () => {
  const asked = { Binds: ['/srv:/data:ro', 'named:/named:ro', '/rw:/rw'] };

  it('leaves what is below it writable where the request is of an API before 1.44', () => {
    const { model } = world();
    const context = { anonymousName: () => 'a', volumePath: (name: string) => name, dataRoot: '/data' };
    const request = {
      config: blankConfig,
      hostConfig: asked as Partial<HostConfig> as HostConfig,
      readOnlyTop: true,
    };
    const { mounts } = resolveMounts(model, request, context);
    expect(mounts.map(({ readOnlyTop }) => readOnlyTop)).toEqual([true, undefined, undefined]);
    expect(resolve(asked).mounts.some(({ readOnlyTop }) => readOnlyTop)).toBe(false);
  });

  it('leaves it so where that is asked for', () => {
    const options = { Type: 'bind', Source: '/srv', ReadOnly: true } as const;
    expect(mount({ ...options, BindOptions: { ReadOnlyNonRecursive: true } })).toMatchObject({
      readOnlyTop: true,
    });
  });
});

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
  ] as const)('have each a place of their own: %j', (asked) => {
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
