/** AppArmor: the profile of containers that name none, with Docker's name and text. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fail } from '../errors.ts';
import { readOrEmpty } from './cgroup.ts';
import { runProgram } from './run-runc.ts';
import type { OciProcess } from './spec/oci.ts';

export const defaultProfile = 'docker-default';

/** Where the kernel lists its profiles: `docker-default (enforce)`, one a line. */
const list = '/sys/kernel/security/apparmor/profiles';
const loaders = ['/sbin/apparmor_parser', '/usr/sbin/apparmor_parser'];
const loader = (): string => loaders.find((path) => existsSync(path)) ?? '';

let isEnabled: boolean | undefined;

/** Whether the kernel enforces AppArmor profiles: that is decided at its boot. */
export function hasAppArmor(): boolean {
  isEnabled ??= readOrEmpty('/sys/module/apparmor/parameters/enabled') === 'Y';
  return isEnabled;
}

/** As Docker: not within a container, and not where nothing can load a profile. */
export const hasDefaultProfile = (): boolean =>
  hasAppArmor() && !process.env.container && existsSync(list) && loader() !== '';

export interface ProfileFacts {
  /** The profile of the engine, which sends signals to containers. */
  readonly engine: string;
  /** `/etc/apparmor.d/tunables/global` is there. */
  readonly hasTunables: boolean;
  /** `/etc/apparmor.d/abstractions/base` is there. */
  readonly hasBase: boolean;
}

/** Docker's profile: all but writing to what of /proc and /sys belongs to the host, and mounting. */
export const profileText = ({ engine, hasTunables, hasBase }: ProfileFacts): string => `
${hasTunables ? '#include <tunables/global>' : '@{PROC}=/proc/'}

profile ${defaultProfile} flags=(attach_disconnected,mediate_deleted) {
${hasBase ? '  #include <abstractions/base>' : ''}
  network,
  capability,
  file,
  umount,

  signal (receive) peer=unconfined,
  signal (receive) peer=runc,
  signal (receive) peer=crun,
  signal (receive) peer="${engine}",
  signal (send,receive) peer=${defaultProfile},

  # files of /proc itself, and folders but /proc/PID, /proc/sys
  deny @{PROC}/* w,
  deny @{PROC}/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9/]*}/** w,
  # /proc/sys but /proc/sys/kernel/shm*
  deny @{PROC}/sys/[^k]** w,
  deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,
  deny @{PROC}/sysrq-trigger rwklx,
  deny @{PROC}/kcore rwklx,

  deny mount,

  # /sys but /sys/fs/cgroup
  deny /sys/[^f]*/** wklx,
  deny /sys/f[^s]*/** wklx,
  deny /sys/fs/[^c]*/** wklx,
  deny /sys/fs/c[^g]*/** wklx,
  deny /sys/fs/cg[^r]*/** wklx,
  deny /sys/firmware/** rwklx,
  deny /sys/devices/virtual/powercap/** rwklx,
  deny /sys/kernel/security/** rwklx,

  ptrace (trace,read,tracedby,readby) peer=${defaultProfile},
}
`;

/** `unconfined` of `unconfined\n`, `seawayd` of `seawayd (enforce)\n`. */
export const profileNamed = (current: string): string =>
  /^[^\s"\\]+/.exec(current.replaceAll('\0', ''))?.[0] ?? 'unconfined';

/**
 * Loads the default profile where a process has it and the kernel does not: others may unload it while the engine runs.
 * Throws START_FAILED.
 */
export async function ensureProfileOf(
  { apparmorProfile }: Pick<OciProcess, 'apparmorProfile'>,
  { limit }: { readonly limit: number },
): Promise<void> {
  if (apparmorProfile !== defaultProfile) return;
  const loaded = await readFile(list, 'utf8').catch(() => '');
  if (loaded.split('\n').some((line) => line.startsWith(`${defaultProfile} (`))) return;
  const program = loader();
  const refuse = (why: string): Error =>
    fail(
      'START_FAILED',
      `AppArmor enabled on system but the ${defaultProfile} profile could not be loaded: ${why}`,
    );
  if (program === '') throw refuse('apparmor_parser is not there; install apparmor');
  const input = profileText({
    engine: profileNamed(readOrEmpty('/proc/self/attr/current')),
    hasTunables: existsSync('/etc/apparmor.d/tunables/global'),
    hasBase: existsSync('/etc/apparmor.d/abstractions/base'),
  });
  const { ok, output } = await runProgram(program, ['-Kr'], { input, limit });
  if (!ok) throw refuse(output.trim());
}
