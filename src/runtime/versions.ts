/** Versions of the programs that containers run by, for `docker info` and `docker version`. */
import { runProgram } from './run-runc.ts';

/** Milliseconds that a program has to tell its version: `docker info` waits for it. */
const patience = 2_000;

/** Milliseconds until a program that has not told its version is asked again. */
export const pause = 30_000;

/**
 * Asks once and keeps the answer. '' while the program does not tell; one that is broken is asked now and then, so
 * that it does not hold up each caller.
 */
export function versionKept(
  ask: () => Promise<string>,
  now: () => number = () => performance.now(),
): () => Promise<string> {
  let answer: Promise<string> | undefined;
  let until = Number.POSITIVE_INFINITY;
  const read = async (): Promise<string> => {
    const version = await ask().catch(() => '');
    until = version === '' ? now() + pause : Number.POSITIVE_INFINITY;
    return version;
  };
  return () => {
    if (now() >= until) answer = undefined;
    if (answer === undefined) until = Number.POSITIVE_INFINITY;
    answer ??= read();
    return answer;
  };
}

/** `1.1.5+ds1` of `runc version 1.1.5+ds1`; '' when it does not tell. */
export async function versionOf(program: string): Promise<string> {
  const { output } = await runProgram(program, ['--version'], { limit: patience });
  return /version (\S+)/.exec(output)?.[1] ?? '';
}
