/** System calls to deny to a process that only serves sockets, by architecture. */
import type { FilterSpec } from './filter.ts';

/** Name, then its number on x86-64 and on arm64; -1 where there is none. */
type Call = readonly [name: string, x64: number, arm64: number];

const neverNeeded: readonly Call[] = [
  // other programs and processes
  ['execve', 59, 221],
  ['execveat', 322, 281],
  ['fork', 57, -1],
  ['vfork', 58, -1],
  ['kill', 62, 129],
  ['ptrace', 101, 117],
  ['process_vm_readv', 310, 270],
  ['process_vm_writev', 311, 271],
  ['process_madvise', 440, 440],
  ['pidfd_send_signal', 424, 424],
  ['pidfd_open', 434, 434],
  ['pidfd_getfd', 438, 438],
  // namespaces and mounts
  ['setns', 308, 268],
  ['unshare', 272, 97],
  ['mount', 165, 40],
  ['umount2', 166, 39],
  ['pivot_root', 155, 41],
  ['chroot', 161, 51],
  ['open_tree', 428, 428],
  ['move_mount', 429, 429],
  ['fsopen', 430, 430],
  ['fsconfig', 431, 431],
  ['fsmount', 432, 432],
  ['fspick', 433, 433],
  ['mount_setattr', 442, 442],
  ['name_to_handle_at', 303, 264],
  ['open_by_handle_at', 304, 265],
  ['mknod', 133, -1],
  ['mknodat', 259, 33],
  // identity and capabilities
  ['setuid', 105, 146],
  ['setgid', 106, 144],
  ['setreuid', 113, 145],
  ['setregid', 114, 143],
  ['setgroups', 116, 159],
  ['setresuid', 117, 147],
  ['setresgid', 119, 149],
  ['setfsuid', 122, 151],
  ['setfsgid', 123, 152],
  ['capset', 126, 91],
  ['personality', 135, 92],
  // the kernel itself
  ['bpf', 321, 280],
  ['perf_event_open', 298, 241],
  ['userfaultfd', 323, 282],
  // io_uring_enter stays: libuv aborts the process where it fails on an existing ring
  ['io_uring_setup', 425, 425],
  ['io_uring_register', 427, 427],
  ['init_module', 175, 105],
  ['finit_module', 313, 273],
  ['delete_module', 176, 106],
  ['kexec_load', 246, 104],
  ['kexec_file_load', 320, 294],
  ['add_key', 248, 217],
  ['request_key', 249, 218],
  ['keyctl', 250, 219],
  ['syslog', 103, 116],
  ['acct', 163, 89],
  ['swapon', 167, 224],
  ['swapoff', 168, 225],
  ['reboot', 169, 142],
  ['quotactl', 179, 60],
  ['sethostname', 170, 161],
  ['setdomainname', 171, 162],
  ['settimeofday', 164, 170],
  ['clock_settime', 227, 112],
  ['clock_adjtime', 305, 266],
  ['adjtimex', 159, 171],
  ['iopl', 172, -1],
  ['ioperm', 173, -1],
];

const CLONE_THREAD = 0x0001_0000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const newNamespaces = 0x7e02_0000;
const ENOSYS = 38;
/** AF_UNIX, AF_INET, AF_INET6. */
const families: readonly number[] = [1, 2, 10];

const machines = {
  x64: { column: 1, architecture: 0xc000_003e, end: 0x4000_0000, socket: 41, clone: 56 },
  arm64: { column: 2, architecture: 0xc000_00b7, end: undefined, socket: 198, clone: 220 },
} as const;

/** seccomp(2) itself. */
export const seccompNumber: Readonly<Record<string, number>> = { x64: 317, arm64: 277 };

/**
 * The filter for a process that serves sockets; undefined for an unknown architecture. It may create threads but no
 * processes. A filter cannot read the flags of clone3, which are in memory; with ENOSYS the C library uses clone.
 */
export function servingFilter(machine: string): FilterSpec | undefined {
  if (machine !== 'x64' && machine !== 'arm64') return undefined;
  const { column, architecture, end, socket, clone } = machines[machine];
  return {
    architecture,
    ...(end !== undefined && { end }),
    denied: neverNeeded.map((call) => call[column]).filter((number) => number >= 0),
    absent: [{ number: 435, errno: ENOSYS }],
    only: [{ number: socket, values: families }],
    bits: [{ number: clone, with: CLONE_THREAD, without: newNamespaces }],
  };
}
