/**
 * Gives up privileges for good: another user, no capabilities, no new privileges, a filter of system calls.
 * Open descriptors, sockets and watches stay.
 */
import koffi, { type KoffiFunc } from 'koffi';
import { messageOf } from '../../errors.ts';
import { type Program, programOf } from '../ffi/bpf.ts';
import { checked } from '../ffi/fault.ts';
import { lastErrno, libc } from '../ffi/libc.ts';
import { seccompNumber, servingFilter } from './calls.ts';
import { filterProgram } from './filter.ts';

const prctl = libc.func(
  'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
) as KoffiFunc<(option: number, a: number, b: number, c: number, d: number) => number>;

const seccomp = libc.func(
  'long syscall(long number, unsigned long operation, unsigned long flags, sock_fprog *program)',
) as KoffiFunc<(number: number, operation: number, flags: number, program: Program) => number>;

const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
/** For all threads of the process. */
const SECCOMP_FILTER_FLAG_TSYNC = 1;

/**
 * Users to become, in order: one that no other program has (systemd leaves 60578 to 61183 unused), else nobody
 * (in a user namespace that maps few ids).
 */
const users = [61053, 65534] as const;

/** Confines this process as far as the host allows. Returns a message for each step that failed. */
export function confine(): readonly string[] {
  return [
    ['give up the bounding set', dropBoundingSet],
    ['become another user', becomeUser],
    ['give up new privileges', () => checked(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'prctl')],
    ['filter system calls', filterCalls],
  ].flatMap(([what, step]) => {
    try {
      (step as () => unknown)();
      return [];
    } catch (error) {
      return [`${String(what)}: ${messageOf(error)}`];
    }
  });
}

/** Of this thread only, which suffices: the set matters for execve, which the filter denies to all threads. */
function dropBoundingSet(): void {
  // the first number that the kernel does not know ends it
  for (let capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) === 0; capability += 1)
    if (capability > 63) return;
  const reason = lastErrno();
  if (reason !== koffi.os.errno.EINVAL) checked(-1, 'prctl');
}

/** Of all threads, by the C library. Leaving user 0 drops all capabilities. */
function becomeUser(): void {
  let failure: unknown;
  for (const user of users) {
    try {
      process.setgroups?.([]);
      process.setgid?.(user);
      process.setuid?.(user);
      return;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function filterCalls(): void {
  const spec = servingFilter(process.arch);
  const number = seccompNumber[process.arch];
  if (!spec || number === undefined) throw new Error(`${process.arch} is not known`);
  const program = programOf(filterProgram(spec));
  checked(seccomp(number, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, program), 'seccomp');
}
