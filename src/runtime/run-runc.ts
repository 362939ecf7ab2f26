/** One call of the OCI runtime. */
import { execFile } from 'node:child_process';

export interface Outcome {
  readonly ok: boolean;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Run a program to its end; a failure is an outcome, not an exception. */
export function runProgram(program: string, args: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { encoding: 'utf8' }, (error, stdout, stderr) => {
      const why = error && stderr === '' ? error.message : stderr;
      resolve({ ok: error === null, output: `${stdout}${why}` });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
