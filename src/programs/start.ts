/** Starts programs: errors are thrown at once or reject `ended`, and never surface elsewhere. */
import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  type SpawnOptions,
  spawn,
} from 'node:child_process';
import { existsSync } from 'node:fs';
import { fail, messageOf } from '../errors.ts';
import { hasErrno, systemReason } from '../system-error.ts';
import { watchSilence } from './silence.ts';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Started<C extends ChildProcess = ChildProcess> {
  readonly child: C;
  /**
   * Resolves once it has ended and its streams are closed. Rejects with PROGRAM_MISSING or PROGRAM_FAILED where it
   * could not be started. A rejection need not be handled.
   */
  readonly ended: Promise<Ending>;
}

export interface StartOptions extends SpawnOptions {
  /** Wraps the start, to enter a namespace: a child is born into the one of its parent's thread. */
  readonly inside?: (start: () => ChildProcess) => ChildProcess;
}

const directly = (start: () => ChildProcess): ChildProcess => start();

/** Throws PROGRAM_MISSING or PROGRAM_FAILED where the start fails at once. */
export function startProgram(program: string, args: readonly string[], options: StartOptions = {}): Started {
  const { inside = directly, ...rest } = options;
  let child: ChildProcess;
  try {
    child = inside(() => spawn(program, args, rest));
  } catch (thrown) {
    // such as too little memory
    throw notStarted(program, thrown, rest);
  }
  const ended = endOf(child, program, rest);
  ended.catch(() => undefined);
  // Node makes no streams where descriptors ran out (EMFILE, ENFILE)
  if (child.pid === undefined && child.stdio === undefined)
    throw fail('PROGRAM_FAILED', program, 'too many open files');
  return { child, ended };
}

export interface PipedOptions extends Omit<StartOptions, 'stdio'> {
  /** Milliseconds of silence after which it is killed (`watchSilence`) and `ended` rejects with PROGRAM_SLOW. */
  readonly silence?: number;
}

/** With pipes for standard input, output and error. Errors of these streams are ignored; `ended` tells the outcome. */
export function startPiped(
  program: string,
  args: readonly string[],
  { silence, ...options }: PipedOptions = {},
): Started<ChildProcessWithoutNullStreams> {
  const started = startProgram(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const child = started.child as ChildProcessWithoutNullStreams;
  for (const stream of child.stdio) stream?.on('error', () => undefined);
  if (silence === undefined) return { child, ended: started.ended };
  let slow: Error | undefined;
  watchSilence(child, silence, () => {
    slow = fail('PROGRAM_SLOW', program, silence / 1000);
    child.kill('SIGKILL');
    // tells readers and writers; the program's children may hold the pipes open
    for (const stream of child.stdio) stream?.destroy(slow);
  });
  const ended = started.ended.then((ending) => {
    if (slow) throw slow;
    return ending;
  });
  ended.catch(() => undefined);
  return { child, ended };
}

/** Resolves once the program runs; rejects as `ended`. */
export function hasStarted({ child, ended }: Started): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('spawn', resolve);
  ended.catch(reject);
  return promise;
}

function endOf(child: ChildProcess, program: string, options: SpawnOptions): Promise<Ending> {
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  // also emitted when a signal cannot be sent, long after the start
  child.on('error', (error) => {
    if (child.pid === undefined) reject(notStarted(program, error, options));
  });
  child.once('close', (code, signal) => resolve({ code, signal }));
  return promise;
}

function notStarted(program: string, thrown: unknown, { cwd }: SpawnOptions): Error {
  if (hasErrno(thrown, 'ENOENT'))
    return cwd !== undefined && !existsSync(cwd)
      ? fail('PROGRAM_FAILED', program, `the folder ${cwd} is gone`)
      : fail('PROGRAM_MISSING', program);
  return fail('PROGRAM_FAILED', program, systemReason(thrown) ?? messageOf(thrown));
}
