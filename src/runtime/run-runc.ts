/** One call of the OCI runtime. */
import { messageOf } from '../errors.ts';
import { runProgram as run } from '../programs/run.ts';

export interface Outcome {
  readonly ok: boolean;
  /** Standard output and standard error. */
  readonly output: string;
}

export interface Asked {
  readonly input?: string;
  /** Milliseconds. */
  readonly limit?: number;
  /** Kills it. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end; a failure is an outcome, not an exception. */
export async function runProgram(
  program: string,
  args: readonly string[],
  asked: Asked = {},
): Promise<Outcome> {
  try {
    const { code, signal, stdout, stderr } = await run(program, args, { ...asked, killSignal: 'SIGKILL' });
    const why = code !== 0 && stderr === '' ? `${program} ended with ${signal ?? `status ${code}`}` : stderr;
    return { ok: code === 0, output: `${stdout}${why}` };
  } catch (thrown) {
    return { ok: false, output: messageOf(thrown) };
  }
}
