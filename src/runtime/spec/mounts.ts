/** Every mount of a container, in the order in which they are made. */
import { fail } from '../../errors.ts';
import type { HostConfig, MountPoint } from '../../model/container.ts';
import type { StartSpec } from '../runtime.ts';
import type { HostFacts, StartFacts } from './facts.ts';
import { shmKind } from './namespaces.ts';
import type { OciMount } from './oci.ts';

/** Docker's `/dev/shm`, 64 MiB. */
const defaultShmSize = 64 * 1024 * 1024;

const mount = (destination: string, type: string, source: string, options: string): OciMount => ({
  destination,
  type,
  source,
  options: options.split(','),
});

/** The mounts that Docker gives every container. */
function systemMounts(
  host: HostConfig,
  { writableCgroups }: { readonly writableCgroups: boolean },
): OciMount[] {
  const ro = host.Privileged ? '' : ',ro';
  const cgroupRo = host.Privileged || writableCgroups ? '' : ',ro';
  return [
    mount('/proc', 'proc', 'proc', 'nosuid,noexec,nodev'),
    mount('/dev', 'tmpfs', 'tmpfs', 'nosuid,strictatime,mode=755,size=65536k'),
    mount('/dev/pts', 'devpts', 'devpts', 'nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5'),
    mount('/sys', 'sysfs', 'sysfs', `nosuid,noexec,nodev${ro}`),
    mount('/sys/fs/cgroup', 'cgroup', 'cgroup', `nosuid,noexec,nodev,relatime${cgroupRo}`),
    mount('/dev/mqueue', 'mqueue', 'mqueue', 'nosuid,noexec,nodev'),
  ];
}

function shmMounts(host: HostConfig, shm: string): OciMount[] {
  const size = host.ShmSize > 0 ? host.ShmSize : defaultShmSize;
  switch (shmKind(host)) {
    case 'none':
      return [];
    case 'own':
      return [mount('/dev/shm', 'tmpfs', 'shm', `nosuid,noexec,nodev,mode=1777,size=${size}`)];
    case 'host':
      return [mount('/dev/shm', 'bind', '/dev/shm', 'rbind,rprivate')];
    default:
      return [mount('/dev/shm', 'bind', shm, 'rbind,rprivate')];
  }
}

/** The opposite of an option; the user's replaces a default. */
const opposite = (option: string): string => (option.startsWith('no') ? option.slice(2) : `no${option}`);

/** Docker's tmpfs options: noexec, nosuid and nodev unless asked otherwise. */
export function tmpfsOptions(asked: string): readonly string[] {
  const own = asked.split(',').filter((option) => option !== '');
  const defaults = ['noexec', 'nosuid', 'nodev'].filter(
    (o) => !own.includes(o) && !own.includes(opposite(o)),
  );
  return [...defaults, ...own];
}

/** Since Linux 5.12 (mount_setattr(2)) `ro` can apply to mounts below the source. */
const recursiveReadOnly = (facts: HostFacts): boolean =>
  facts.kernel.major > 5 || (facts.kernel.major === 5 && facts.kernel.minor >= 12);

/** A volume keeps runc's default, a slave of the host's mount, as in Docker. */
function propagationOf({ type, propagation }: MountPoint): readonly string[] {
  if (type === 'volume' && propagation === '') return [];
  return [propagation === '' ? 'rprivate' : propagation];
}

/** Throws in Docker's words, and like Docker at the start of the container. */
function checkReadOnlyDeep(point: MountPoint, facts: HostFacts): void {
  if (!point.readOnlyDeep) return;
  const asked = 'BindOptions.ReadOnlyForceRecursive';
  if (point.readWrite) throw fail('MOUNT_CONFLICT', `!ReadOnly && ${asked}`);
  if (point.readOnlyTop) throw fail('MOUNT_CONFLICT', `ReadOnlyNonRecursive && ${asked}`);
  if (!recursiveReadOnly(facts))
    throw fail('START_FAILED', 'rro is not supported: the kernel is older than 5.12');
}

function userMount(point: MountPoint, facts: HostFacts): OciMount {
  if (point.type === 'tmpfs') {
    const own = tmpfsOptions(point.options);
    const options = point.readWrite || own.includes('ro') ? own : [...own, 'ro'];
    return { destination: point.destination, type: 'tmpfs', source: 'tmpfs', options };
  }
  checkReadOnlyDeep(point, facts);
  const deep = !point.nonRecursive && !point.readOnlyTop && recursiveReadOnly(facts);
  const readOnly = deep ? ['ro', 'rro'] : ['ro'];
  const options = [
    point.nonRecursive ? 'bind' : 'rbind',
    ...(point.readWrite ? [] : readOnly),
    ...propagationOf(point),
  ];
  return { destination: point.destination, type: 'bind', source: point.source, options };
}

function tmpfsOfHost(host: HostConfig, points: readonly MountPoint[]): OciMount[] {
  return Object.entries(host.Tmpfs ?? {})
    .filter(([destination]) => !points.some((point) => point.destination === destination))
    .map(([destination, options]) => ({
      destination,
      type: 'tmpfs',
      source: 'tmpfs',
      options: tmpfsOptions(options),
    }));
}

/** The three files that the engine writes, unless the user mounts something there. */
function networkFiles(start: StartSpec): OciMount[] {
  const ro = start.container.hostConfig.ReadonlyRootfs ? ',ro' : '';
  const { hosts, hostname, resolvConf } = start.files;
  return [
    mount('/etc/resolv.conf', 'bind', resolvConf, `rbind,rprivate${ro}`),
    mount('/etc/hostname', 'bind', hostname, `rbind,rprivate${ro}`),
    mount('/etc/hosts', 'bind', hosts, `rbind,rprivate${ro}`),
  ].filter((m) => m.source !== '');
}

const depth = (path: string): number => path.split('/').filter((part) => part !== '').length;

/** A user's mount replaces a system mount there; one on /dev replaces all below it. */
const covered = (destination: string, users: readonly OciMount[]): boolean =>
  users.some((m) => m.destination === destination) ||
  (destination.startsWith('/dev/') && users.some((m) => m.destination === '/dev'));

export interface MountFacts {
  readonly host: HostFacts;
  readonly start: StartFacts;
  readonly writableCgroups: boolean;
  /** Where the init is bound, or '' without one. */
  readonly initPath: string;
}

/** System mounts first, then the user's and the engine's own from the root downwards. */
export function mountsOf(spec: StartSpec, facts: MountFacts): readonly OciMount[] {
  const { hostConfig: host, mounts: points } = spec.container;
  const users = [
    ...points.map((point) => userMount(point, facts.host)),
    ...tmpfsOfHost(host, points),
    ...(spec.extraMounts ?? []),
  ];
  const system = [...systemMounts(host, facts), ...shmMounts(host, facts.start.shm)];
  const init = facts.initPath ? [mount(facts.initPath, 'bind', facts.host.init, 'bind,ro,rprivate')] : [];
  const later = [...users, ...networkFiles(spec).filter((m) => !covered(m.destination, users)), ...init];
  const sorted = later.toSorted((a, b) => depth(a.destination) - depth(b.destination));
  return [...system.filter((m) => !covered(m.destination, users)), ...sorted];
}
