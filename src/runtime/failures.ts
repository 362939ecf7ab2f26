/** Failures of the OCI runtime, in dockerd's words. */
import { fail, type SeawayError } from '../errors.ts';

/** logrus' text format, which runc writes to standard error. */
const logged = /level=(?:error|fatal) msg=("(?:[^"\\]|\\.)*"|\S+)/g;

/** The runtime's message: the last error that it logged, else its output. */
export function sentenceOf(output: string): string {
  const last = [...output.matchAll(logged)].at(-1)?.[1];
  if (last === undefined) return output.trim();
  if (!last.startsWith('"')) return last;
  try {
    return JSON.parse(last) as string;
  } catch {
    return last.slice(1, -1);
  }
}

/**
 * The exit code that Docker gives a container or exec whose process could not be started: 127 not
 * found, 126 not executable, 128 anything else. The docker CLI looks for the same words.
 */
export function exitCodeOfFailure(message: string): 126 | 127 | 128 {
  if (/executable file not found|no such file or directory|not a directory/.test(message)) return 127;
  return /permission denied|is a directory/.test(message) ? 126 : 128;
}

const failure = (message: string): SeawayError =>
  exitCodeOfFailure(message) === 128 ? fail('START_FAILED', message) : fail('COMMAND_NOT_FOUND', message);

/** `runc create` (and `start`) failed. */
export function createFailure(output: string): SeawayError {
  return failure(
    `failed to create task for container: failed to create shim task: OCI runtime create failed: ${sentenceOf(output)}: unknown`,
  );
}

/** `runc exec` failed. */
export function execFailure(output: string): SeawayError {
  return failure(`OCI runtime exec failed: ${sentenceOf(output)}: unknown`);
}
