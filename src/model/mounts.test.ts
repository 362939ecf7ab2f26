import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { type Asked, resolve, type World } from '../../test/model/mounts.ts';
import { blankConfig } from './blank.ts';
import type { HostConfig, MountPoint, MountSpec } from './container.ts';
import { checkMode, resolveMounts } from './mounts.ts';

/** The only mount of what was asked. */
function only(asked: Asked, here?: World): MountPoint {
  const { mounts } = resolve(asked, here);
  expect(mounts).toHaveLength(1);
  return mounts[0] as MountPoint;
}

const bind = (spec: string): MountPoint => only({ Binds: [spec] });
const mount = (spec: Partial<MountSpec> & Pick<MountSpec, 'Type'>): MountPoint =>
  only({ Mounts: [{ Target: '/data', ...spec }] });

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
  ] as const)('reads %j', (spec, expected) => {
    expect(mount(spec)).toMatchObject({ destination: '/data', ...expected });
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

  const refusals: [Partial<MountSpec> & Pick<MountSpec, 'Type'>, string][] = [
    [{ Type: 'bind' }, 'invalid mount config for type "bind": field Source must not be empty'],
    [{ Type: 'bind', Source: 'srv' }, `invalid mount path: 'srv' mount path must be absolute`],
    [{ ...bound, BindOptions: { Propagation: 'odd' } }, 'invalid propagation mode: odd'],
    [{ ...bound, Target: 'data' }, "invalid mount path: 'data' mount path must be absolute"],
    [{ Type: 'npipe', Source: 'x' }, 'a mount of type npipe'],
    [{ Type: 'volume', Source: 'x', VolumeOptions: { Subpath: 'a' } }, 'volume-subpath'],
  ];
  it.each(refusals)('refuses %j', (spec, message) => {
    expect(() => mount(spec)).toThrow(message);
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
    expect(mount({ ...options, BindOptions: { ReadOnlyForceRecursive: true } }).readOnlyDeep).toBe(true);
    expect(mount({ ...options, BindOptions: { ReadOnlyNonRecursive: true } })).toMatchObject({
      readOnlyTop: true,
    });
  });
});
