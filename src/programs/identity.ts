/** A process by its pid and start time, so that a reused pid is recognized. */
import { readFileSync } from 'node:fs';
import { hasErrno } from '../system-error.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (proc_pid_stat(5), field 22). */
  readonly startTime: string;
}

/** Indexes of fields after the command: proc_pid_stat(5) counts from 1, and the command is the second. */
const field = { state: 0, startTime: 19, exitCode: 49 } as const;

/** Undefined if there is no such process. Throws a system error if that cannot be known. */
function statOf(pid: number): readonly string[] | undefined {
  if (pid <= 0) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // the command may have blanks and parentheses, so fields are counted from the last parenthesis
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch (thrown) {
    if (hasErrno(thrown, 'ENOENT', 'ESRCH')) return undefined;
    throw thrown;
  }
}

/** Undefined if there is no such process, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  const startTime = stat?.[field.startTime];
  if (stat === undefined || startTime === undefined || 'ZX'.includes(stat[field.state] ?? 'X'))
    return undefined;
  return { pid, startTime };
}

/** The kernel's letter: `S` sleeping, `T` stopped, `Z` zombie. Undefined if it is gone. */
export function stateOf({ pid, startTime }: ProcessIdentity): string | undefined {
  const stat = statOf(pid);
  return stat?.[field.startTime] === startTime ? stat?.[field.state] : undefined;
}

/** The exit code as in a shell: 128 plus the signal that ended it. Undefined if it is no zombie. */
export function exitCodeOfZombie(process: ProcessIdentity): number | undefined {
  if (stateOf(process) !== 'Z') return undefined;
  const status = Number(statOf(process.pid)?.[field.exitCode] ?? Number.NaN);
  if (Number.isNaN(status)) return undefined;
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

/** A process that cannot be read (too many open files) counts as alive while its pid exists. */
export function isAlive(target: ProcessIdentity | undefined): boolean {
  if (target === undefined) return false;
  try {
    return isThere(target);
  } catch {
    return isPidThere(target.pid);
  }
}

const isThere = ({ pid, startTime }: ProcessIdentity): boolean => identify(pid)?.startTime === startTime;

function isPidThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return !hasErrno(thrown, 'ESRCH');
  }
}

/** Returns false if the process is gone. Throws if it cannot be distinguished from another. */
export function sendSignal(target: ProcessIdentity | undefined, signal: number): boolean {
  if (target === undefined || !isThere(target)) return false;
  try {
    return process.kill(target.pid, signal);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw thrown;
  }
}
