/** A process by its pid and the time it was born, so that a pid that was used again is not mistaken. */
import { readFileSync } from 'node:fs';
import { hasErrno } from '../system-error.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (proc_pid_stat(5), field 22). */
  readonly startTime: string;
}

/** Where fields lie behind the command: proc_pid_stat(5) counts from 1, and the command is the second. */
const field = { state: 0, startTime: 19, exitCode: 49 } as const;

/** Undefined: there is no such process. Throws what the system says where that cannot be known. */
function statOf(pid: number): readonly string[] | undefined {
  if (pid <= 0) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command may have blanks and parentheses: fields are counted from the last one on.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch (thrown) {
    if (hasErrno(thrown, 'ENOENT', 'ESRCH')) return undefined;
    throw thrown;
  }
}

/** Undefined when there is no such process, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  const startTime = stat?.[field.startTime];
  if (stat === undefined || startTime === undefined || 'ZX'.includes(stat[field.state] ?? 'X'))
    return undefined;
  return { pid, startTime };
}

/** The kernel's letter: `S` sleeping, `T` stopped, `Z` ended and not yet waited for. Undefined: it is gone. */
export function stateOf({ pid, startTime }: ProcessIdentity): string | undefined {
  const stat = statOf(pid);
  return stat?.[field.startTime] === startTime ? stat?.[field.state] : undefined;
}

/** As a shell counts it: 128 and the signal that ended it. Undefined where it is no zombie. */
export function exitCodeOfZombie(process: ProcessIdentity): number | undefined {
  if (stateOf(process) !== 'Z') return undefined;
  const status = Number(statOf(process.pid)?.[field.exitCode] ?? Number.NaN);
  if (Number.isNaN(status)) return undefined;
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

/** One that cannot be looked at (too many open files) is alive as long as its pid is there. */
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

/** @returns false when the process is not there any more. Throws where it cannot be told from another. */
export function sendSignal(target: ProcessIdentity | undefined, signal: number): boolean {
  if (target === undefined || !isThere(target)) return false;
  try {
    return process.kill(target.pid, signal);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw thrown;
  }
}
