/** Ending conmon, and what it waits for: a runtime that hangs, a container whose end it does not tell. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context, RunningContainer } from './context.ts';
import {
  exitCodeOfZombie,
  identify,
  isAlive,
  type ProcessIdentity,
  sendSignal,
  stateOf,
} from './identity.ts';
import { watchEnd } from './process-end.ts';

const SIGKILL = 9;
const SIGCONT = 18;

/** Milliseconds. conmon ends soon after its process; longer than this it is stuck. */
const patience = { end: 5000, afterKill: 2000 };
/** From the end of a process that was signalled: conmon is woken where it is stopped, and killed. */
const overdue = { wake: 300, kill: 3000 };

/** Somebody has stopped it (SIGSTOP): it goes on. */
function wake(monitor: ProcessIdentity | undefined): void {
  if (monitor && stateOf(monitor) === 'T') sendSignal(monitor, SIGCONT);
}

/** Wait for conmon: it writes its last files when its process is gone, and they must not come late. */
export async function awaitMonitor(context: Context, monitor: ProcessIdentity | undefined): Promise<void> {
  wake(monitor);
  const begun = performance.now();
  for (let pause = 1; isAlive(monitor); pause = Math.min(50, pause * 2)) {
    const waited = performance.now() - begun;
    if (waited > patience.end) sendSignal(monitor, SIGKILL);
    if (waited > patience.end + patience.afterKill) {
      context.logger.warn('conmon does not end', { pid: monitor?.pid });
      return;
    }
    await delay(pause);
  }
}

/** All processes that have come from this one (proc_pid_children). */
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

/** End what conmon has started and waits for, and conmon: nothing of it is wanted. */
export function killWithMonitor(monitor: ProcessIdentity | undefined): void {
  if (!monitor || !isAlive(monitor)) return;
  for (const pid of descendantsOf(monitor.pid)) sendSignal(identify(pid), SIGKILL);
  sendSignal(monitor, SIGKILL);
}

/** Write the end down in conmon's place. */
export function writeExit(context: Context, id: string, exitCode: number): void {
  const path = context.layout.exit(id);
  mkdirSync(context.layout.exits, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, String(exitCode));
  renameSync(`${path}.new`, path);
}

/**
 * A signal was sent to the container's process. When it has ended and conmon does not tell, conmon is woken if it is
 * stopped; where the signal was SIGKILL it is killed in the end, and the engine tells.
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
    // a client that does not read keeps conmon, and the end, back: only SIGKILL is more important
    known.ending = undefined;
    return;
  }
  context.logger.warn('conmon does not tell the end of its container: ending it', { container: id });
  writeExit(context, id, exitCodeOfZombie(process) ?? 128 + SIGKILL);
  sendSignal(monitor, SIGKILL);
}
