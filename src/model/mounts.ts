/** Resolves requested mounts (`-v`, `--mount`, `--tmpfs`, `--volumes-from`, the image). */
import { fail, messageOf } from '../errors.ts';
import type { Container, ContainerConfig, HostConfig, MountPoint, MountSpec } from './container.ts';
import { type MountedVolume, ownMode, volumeMount, volumeOfMount } from './mounted-volume.ts';
import { cleanPath } from './paths.ts';
import { findContainer } from './references.ts';
import type { View } from './tables.ts';

export interface MountContext {
  /** A name for a volume that was given none. */
  readonly anonymousName: () => string;
  /** Where the volume of that name has its files. */
  readonly volumePath: (name: string) => string;
  /** The engine's own, its links resolved. */
  readonly dataRoot: string;
}

/** With known volumes. */
interface Resolving extends MountContext {
  readonly volume: (name: string, driver?: string) => MountedVolume;
}

export const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
/** Words of a mode; of each group only one may be given. */
const modeGroups = [
  ['ro', 'rw'],
  ['z', 'Z'],
  ['nocopy'],
  ['cached', 'delegated', 'consistent'],
  propagations,
];
/** Options of tmpfs that have a value (tmpfs(5)), and flags of mount(8). */
const tmpfsValues = ['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'];
const tmpfsFlags = new Set(
  'ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime strictatime nostrictatime defaults'.split(
    ' ',
  ),
);

/** All mounts by destination, shortest path first. Throws CONTAINER_CONFIG_INVALID in Docker's words. */
export function resolveMounts(
  view: View,
  asked: {
    readonly config: ContainerConfig;
    readonly hostConfig: HostConfig;
    readonly readOnlyTop?: boolean;
  },
  context: MountContext,
): { readonly mounts: readonly MountPoint[]; readonly anonymous: readonly string[] } {
  const { config, hostConfig } = asked;
  const { VolumeDriver = '' } = hostConfig;
  const anonymous: string[] = [];
  const nameless = (): string => {
    const name = context.anonymousName();
    anonymous.push(name);
    return name;
  };
  const volume = (name: string, driver = VolumeDriver) => volumeOfMount(view, { name, driver }, context);
  const resolve = { ...context, anonymousName: nameless, volume };
  const byDestination = new Map<string, MountPoint>();
  const put = (mount: MountPoint): void => void byDestination.set(mount.destination, mount);
  for (const from of hostConfig.VolumesFrom ?? [])
    for (const { mount, isAnonymous } of inherited(view, from)) {
      put(mount);
      if (isAnonymous) anonymous.push(mount.name);
    }
  for (const mount of askedMounts(hostConfig, resolve)) put(asked.readOnlyTop ? readOnlyAtTop(mount) : mount);
  for (const path of Object.keys(config.Volumes ?? {})) {
    const destination = absolute(path);
    if (byDestination.has(destination)) continue;
    put(volumeMount(volume(nameless()), { destination, mode: '', readWrite: true }));
  }
  const mounts = [...byDestination.values()].sort((a, b) => depth(a.destination) - depth(b.destination));
  const used = new Set(mounts.map(({ name }) => name));
  return { mounts, anonymous: anonymous.filter((name) => used.has(name)) };
}

const readOnlyAtTop = (mount: MountPoint): MountPoint =>
  mount.type === 'bind' && !mount.readWrite ? { ...mount, readOnlyTop: true } : mount;

/** Mounts of the request itself. Throws CONTAINER_CONFIG_INVALID for a repeated destination. */
function askedMounts({ Binds, Mounts, Tmpfs }: HostConfig, context: Resolving): readonly MountPoint[] {
  const mounts = [
    ...(Binds ?? []).map((bind) => fromBind(bind, context)),
    ...(Mounts ?? []).map((mount) => fromMount(mount, context)),
    ...Object.entries(Tmpfs ?? {}).map(([path, options]) => tmpfs(path, options)),
  ];
  const seen = new Set<string>();
  for (const { destination } of mounts) {
    if (seen.has(destination))
      throw fail('CONTAINER_CONFIG_INVALID', `Duplicate mount point: ${destination}`);
    seen.add(destination);
  }
  return mounts;
}

const depth = (path: string): number => path.split('/').filter(Boolean).length;

/** The destination, clean. Must be absolute and not the root itself. */
function absolute(path: string): string {
  if (!path.startsWith('/'))
    throw fail('CONTAINER_CONFIG_INVALID', `invalid mount path: '${path}' mount path must be absolute`);
  const clean = cleanPath(path);
  if (clean === '/')
    throw fail('CONTAINER_CONFIG_INVALID', `invalid specification: destination can't be '/'`);
  return clean;
}

/** `source:destination[:mode]`, source a path or a volume's name; or `destination` alone. */
function fromBind(spec: string, context: Resolving): MountPoint {
  const parts = spec.split(':');
  if (parts.length > 3 || parts.some((part) => part === ''))
    throw fail('CONTAINER_CONFIG_INVALID', `invalid volume specification: '${spec}'`);
  if (parts.length === 1) {
    const volume = context.volume(context.anonymousName());
    return volumeMount(volume, { destination: absolute(spec), mode: '', readWrite: true });
  }
  const [source = '', destination = '', mode = ''] = parts;
  const words = mode.split(',').filter(Boolean);
  checkMode(mode);
  const readWrite = !words.includes('ro');
  if (!source.startsWith('/')) {
    const volume = context.volume(source);
    return {
      ...volumeMount(volume, {
        destination: absolute(destination),
        mode: mode || ownMode(volume),
        readWrite,
      }),
      copyUp: !words.includes('nocopy'),
    };
  }
  return {
    type: 'bind',
    name: '',
    source: cleanPath(source),
    destination: absolute(destination),
    driver: '',
    mode,
    readWrite,
    propagation: propagationOf(
      cleanPath(source),
      words.find((word) => propagations.includes(word)),
      context.dataRoot,
    ),
    options: '',
    nonRecursive: false,
    copyUp: false,
  };
}

/** The data root, something in it or something above it; by the text alone, as dockerd judges. */
export const touchesDataRoot = (source: string, dataRoot: string): boolean =>
  dataRoot !== '' && (source.startsWith(dataRoot) || dataRoot.startsWith(source));

/**
 * A private copy of the mounts below the data root would keep them from being unmounted, and a container that sees
 * the whole host must see later mounts. Throws CONTAINER_CONFIG_INVALID in Docker's words.
 */
function propagationOf(source: string, asked: string | undefined, dataRoot: string): string {
  if (!touchesDataRoot(source, dataRoot)) return asked ?? 'rprivate';
  if (asked === undefined || asked === 'rslave' || asked === 'rshared') return asked ?? 'rslave';
  throw fail(
    'CONTAINER_CONFIG_INVALID',
    `invalid mount config: must use either propagation mode "rslave" or "rshared" when mount source is within the daemon root, daemon root: "${dataRoot}", bind mount source: "${source}", propagation: "${asked}"`,
  );
}

/** The third part of a bind: `ro,z`. Throws CONTAINER_CONFIG_INVALID. */
export function checkMode(mode: string): void {
  const words = mode.split(',');
  const isKnown = words.every((word) => word === '' || modeGroups.flat().includes(word));
  const isTwice = modeGroups.some((group) => words.filter((word) => group.includes(word)).length > 1);
  if (!isKnown || isTwice) throw fail('CONTAINER_CONFIG_INVALID', `invalid mode: ${mode}`);
}

function fromMount(asked: MountSpec, context: Resolving): MountPoint {
  const mount = { ...asked, Target: absolute(asked.Target) };
  if (mount.Type === 'tmpfs') return tmpfsAsAsked(mount);
  if (mount.Type === 'bind') return bindAsAsked(mount, context);
  if (mount.Type === 'volume') return volumeAsAsked(mount, context);
  throw fail('NOT_SUPPORTED', `a mount of type ${mount.Type}`);
}

function tmpfsAsAsked({ Target, ReadOnly, TmpfsOptions }: MountSpec): MountPoint {
  const { SizeBytes, Mode } = TmpfsOptions ?? {};
  const options = [
    SizeBytes ? `size=${SizeBytes}` : '',
    Mode ? `mode=${Mode.toString(8)}` : '',
    ReadOnly ? 'ro' : '',
  ];
  return tmpfs(Target, options.filter(Boolean).join(','));
}

function bindAsAsked(mount: MountSpec, { dataRoot }: MountContext): MountPoint {
  const { Propagation, CreateMountpoint, NonRecursive, ...rest } = mount.BindOptions ?? {};
  checkBind(mount);
  const source = cleanPath(mount.Source ?? '');
  return {
    ...{ type: 'bind', name: '', source, destination: mount.Target, driver: '', mode: '' },
    readWrite: !mount.ReadOnly,
    propagation: propagationOf(source, Propagation || undefined, dataRoot),
    options: CreateMountpoint ? 'create' : 'exists',
    nonRecursive: NonRecursive ?? false,
    ...(rest.ReadOnlyNonRecursive && { readOnlyTop: true }),
    ...(rest.ReadOnlyForceRecursive && { readOnlyDeep: true }),
    copyUp: false,
  };
}

/** Throws CONTAINER_CONFIG_INVALID in Docker's words. */
function checkBind({ Source, BindOptions }: MountSpec): void {
  const refuse = (why: string): Error =>
    fail('CONTAINER_CONFIG_INVALID', `invalid mount config for type "bind": ${why}`);
  const propagation = BindOptions?.Propagation;
  if (!Source) throw refuse('field Source must not be empty');
  if (!Source.startsWith('/')) throw refuse(`invalid mount path: '${Source}' mount path must be absolute`);
  if (propagation && !propagations.includes(propagation))
    throw refuse(`invalid propagation mode: ${propagation}`);
}

function volumeAsAsked(mount: MountSpec, context: Resolving): MountPoint {
  if (mount.VolumeOptions?.Subpath) throw fail('NOT_SUPPORTED', 'volume-subpath');
  const name = mount.Source || context.anonymousName();
  const volume = context.volume(name, mount.VolumeOptions?.DriverConfig?.Name || undefined);
  return {
    ...volumeMount(volume, { destination: mount.Target, mode: ownMode(volume), readWrite: !mount.ReadOnly }),
    copyUp: !mount.VolumeOptions?.NoCopy,
  };
}

function tmpfs(path: string, options: string): MountPoint {
  for (const option of options.split(',').filter(Boolean)) checkTmpfsOption(option);
  return {
    type: 'tmpfs',
    name: '',
    source: '',
    destination: absolute(path),
    driver: '',
    mode: '',
    readWrite: !options.split(',').includes('ro'),
    propagation: '',
    options,
    nonRecursive: false,
    copyUp: false,
  };
}

function checkTmpfsOption(option: string): void {
  const [key = '', ...value] = option.split('=');
  if (value.length > 0 ? tmpfsValues.includes(key) : tmpfsFlags.has(key)) return;
  throw fail('CONTAINER_CONFIG_INVALID', `invalid tmpfs option ${JSON.stringify(option)}`);
}

/** One that is missing is an error in the request: clients take a 404 for the image's and pull it. */
function donor(view: View, ref: string): Container {
  try {
    return findContainer(view, ref);
  } catch (error) {
    throw fail('CONTAINER_CONFIG_INVALID', messageOf(error));
  }
}

interface Inherited {
  readonly mount: MountPoint;
  /** The donor was given it without a name: whoever uses it last takes it along. */
  readonly isAnonymous: boolean;
}

/** `container[:mode]`: its binds and volumes, not its tmpfs. Propagation and `nocopy` stay the container's. */
function inherited(view: View, from: string): readonly Inherited[] {
  const colon = from.indexOf(':');
  const [ref, mode] = colon < 0 ? [from, ''] : [from.slice(0, colon), from.slice(colon + 1)];
  checkMode(mode);
  const words = mode.split(',');
  if (words.some((word) => word === 'nocopy' || propagations.includes(word)))
    throw fail('CONTAINER_CONFIG_INVALID', `invalid mode: ${mode}`);
  const source = donor(view, ref);
  return source.mounts
    .filter(({ type }) => type !== 'tmpfs')
    .map((mount) => ({
      // it has been filled for its donor
      mount: { ...mount, mode: '', readWrite: mount.readWrite && !words.includes('ro'), copyUp: false },
      isAnonymous: mount.type === 'volume' && source.anonymousVolumes.includes(mount.name),
    }));
}
