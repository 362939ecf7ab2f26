/** Log lines to what a client of the logs route reads. Pure but for its memory of open lines. */
import { frame } from '../attach.ts';
import type { LogOptions } from '../runtime.ts';
import { type LogLine, nanosecondsOf, parseLine, utcOf } from './line.ts';

export interface Formatter {
  /**
   * What a piece of log becomes; `piece` ends with a newline. `over`: a line was later than `until`,
   * nothing more is wanted.
   */
  format(piece: Buffer): { readonly output: Buffer; readonly over: boolean };
}

const newline = Buffer.from('\n');

/** Raw with a terminal, else with Docker's 8-byte headers. */
export function createFormatter(options: LogOptions & { readonly tty: boolean }): Formatter {
  const { since, until, tty } = options;
  const wanted = { stdout: options.stdout, stderr: options.stderr };
  /** Streams whose line is not over: what comes next continues it, without a time. */
  const open = { stdout: false, stderr: false };

  const textOf = (line: LogLine): Buffer => {
    const parts = [line.text, ...(line.partial ? [] : [newline])];
    const stamped = options.timestamps && !open[line.stream];
    return Buffer.concat(stamped ? [Buffer.from(`${utcOf(line.time)} `), ...parts] : parts);
  };
  const inTime = (line: LogLine): 'yes' | 'early' | 'late' => {
    if (since === undefined && until === undefined) return 'yes';
    const at = nanosecondsOf(line.time);
    if (until !== undefined && at > until) return 'late';
    return since !== undefined && at < since ? 'early' : 'yes';
  };
  const one = (line: LogLine): Buffer | undefined => {
    if (!wanted[line.stream]) return undefined;
    const text = textOf(line);
    open[line.stream] = line.partial;
    return tty ? text : frame(line.stream === 'stderr' ? 2 : 1, text);
  };
  return {
    format(piece) {
      const output: Buffer[] = [];
      for (let start = 0; start < piece.length; ) {
        const end = piece.indexOf(10, start);
        const line = parseLine(piece.subarray(start, end < 0 ? piece.length : end));
        start = end < 0 ? piece.length : end + 1;
        const time = line ? inTime(line) : 'early';
        if (time === 'late') return { output: Buffer.concat(output), over: true };
        const text = line && time === 'yes' ? one(line) : undefined;
        if (text) output.push(text);
      }
      return { output: Buffer.concat(output), over: false };
    },
  };
}
