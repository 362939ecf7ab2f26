/** Runs a program to its end, within a time limit. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fail } from '../errors.ts';
import { type Ending, type StartOptions, startPiped } from './start.ts';

export interface RunOptions extends Omit<StartOptions, 'stdio'> {
  readonly input?: string | Buffer;
  /** Milliseconds until it is killed and PROGRAM_SLOW is thrown. */
  readonly limit?: number;
  /** Bytes of output after which it is killed and PROGRAM_FAILED is thrown. */
  readonly most?: number;
}

export interface Ran extends Ending {
  readonly stdout: string;
  readonly stderr: string;
}

const usualLimit = 60_000;
const usualMost = 64 << 20;

/**
 * Resolves with the ending, whatever the exit status.
 * Errors: PROGRAM_MISSING, PROGRAM_FAILED, PROGRAM_SLOW.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { input = '', limit = usualLimit, most = usualMost, ...start }: RunOptions = {},
): Promise<Ran> {
  const { child, ended } = startPiped(program, args, start);
  const overrun = Promise.withResolvers<never>();
  const giveUp = (error: Error): void => {
    stop(child);
    overrun.reject(error);
  };
  const timer = setTimeout(() => giveUp(fail('PROGRAM_SLOW', program, limit / 1000)), limit);
  const [stdout, stderr] = collect(child, most, () =>
    giveUp(fail('PROGRAM_FAILED', program, 'it says too much')),
  );
  child.stdin.end(input);
  try {
    const ending = await Promise.race([ended, overrun.promise]);
    return { ...ending, stdout: stdout(), stderr: stderr() };
  } finally {
    clearTimeout(timer);
  }
}

/** Its children may hold the pipes open after its end, so the streams are destroyed. */
function stop(child: ChildProcessWithoutNullStreams): void {
  child.kill('SIGKILL');
  for (const stream of child.stdio) stream?.destroy();
  child.unref();
}

function collect(
  child: ChildProcessWithoutNullStreams,
  most: number,
  overrun: () => void,
): readonly [() => string, () => string] {
  let size = 0;
  const from = (stream: Readable): (() => string) => {
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > most) overrun();
      else pieces.push(piece);
    });
    return () => Buffer.concat(pieces).toString('utf8');
  };
  return [from(child.stdout), from(child.stderr)];
}
