/** Ends conmon and the processes for which it waits: a runtime that hangs, a container whose end it does not report. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  exitCodeOfZombie,
  identify,
  isAlive,
  type ProcessIdentity,
  sendSignal,
  stateOf,
} from '../programs/identity.ts';
import type { Context, RunningContainer } from './context.ts';
import { watchEnd } from './process-end.ts';

const SIGKILL = 9;
const SIGCONT = 18;

/** Milliseconds until a conmon whose process has ended is considered stuck. */
const patience = { end: 5000, afterKill: 2000 };
/** Milliseconds from the end of a signalled process until a stopped conmon is woken, and until it is killed. */
const overdue = { wake: 300, kill: 3000 };

/** Continues a conmon that was stopped (SIGSTOP). */
function wake(monitor: ProcessIdentity | undefined): void {
  if (monitor && stateOf(monitor) === 'T') sendSignal(monitor, SIGCONT);
}

/** Waits for conmon, which writes its last files after its process has ended. */
export async function awaitMonitor(context: Context, monitor: ProcessIdentity | undefined): Promise<void> {
  wake(monitor);
  const begun = performance.now();
  for (let pause = 1; isAlive(monitor); pause = Math.min(50, pause * 2)) {
    const waited = performance.now() - begun;
    // a runtime that it waits for would go on to make the container
    if (waited > patience.end) killWithMonitor(monitor);
    if (waited > patience.end + patience.afterKill) {
      context.logger.warn('conmon does not end', { pid: monitor?.pid });
      return;
    }
    await delay(pause);
  }
}

/** All descendants of a process (proc_tid_children(5)). */
function descendantsOf(pid: number): readonly number[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return [];
  }
  const children = text.split(' ').filter(Boolean).map(Number);
  return [...children, ...children.flatMap(descendantsOf)];
}

/** Kills conmon and all that it has started. */
export function killWithMonitor(monitor: ProcessIdentity | undefined): void {
  if (!monitor || !isAlive(monitor)) return;
  const descendants = descendantsOf(monitor.pid).map((pid) => identify(pid));
  // conmon first, or it begins to write an exit file that it does not finish
  sendSignal(monitor, SIGKILL);
  for (const descendant of descendants) sendSignal(descendant, SIGKILL);
}

/** Writes the exit file in conmon's place. */
export function writeExit(context: Context, id: string, exitCode: number): void {
  const path = context.layout.exit(id);
  mkdirSync(context.layout.exits, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, String(exitCode));
  renameSync(`${path}.new`, path);
}

/**
 * Called after a signal to the container's process. If the process has ended and conmon does not report it, a stopped
 * conmon is woken; after SIGKILL conmon is finally killed and the engine writes the exit file.
 */
export function hastenEnd(context: Context, known: RunningContainer, signal: number): void {
  const isForced = signal === SIGKILL;
  if (known.ending) {
    known.ending.isForced ||= isForced;
    return;
  }
  const ending: { isForced: boolean; close: () => void } = { isForced, close: () => undefined };
  known.ending = ending;
  ending.close = watchEnd(known.process, () => void notifyEnd(context, known, ending));
}

async function notifyEnd(
  context: Context,
  known: RunningContainer,
  ending: { readonly isForced: boolean },
): Promise<void> {
  const { id, monitor, process } = known;
  const isTold = (): boolean => context.running.get(id) !== known || existsSync(context.layout.exit(id));
  await delay(overdue.wake, undefined, { ref: false });
  if (isTold()) return;
  wake(monitor);
  await delay(overdue.kill, undefined, { ref: false });
  if (isTold()) return;
  if (!ending.isForced) {
    // a client that does not read may delay conmon; only SIGKILL overrides that
    known.ending = undefined;
    return;
  }
  context.logger.warn('conmon does not tell the end of its container: ending it', { container: id });
  writeExit(context, id, exitCodeOfZombie(process) ?? 128 + SIGKILL);
  sendSignal(monitor, SIGKILL);
}
