/**
 * A line of conmon's log format, which is Kubernetes' (CRI): `TIME stream F text`, or `P` where the text
 * goes on in the stream's next line (conmon writes what it reads, at most 8 KiB). Pure.
 */

export interface LogLine {
  /** As written: RFC 3339 with nanoseconds and an offset. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** The text's line is not over: no newline is shown after it. */
  readonly partial: boolean;
  readonly text: Buffer;
}

/** `2026-01-02T03:04:05.123456789+00:00 stdout F `: time, blank, stream, blank, tag, blank. */
const timeLength = 35;
const streamStart = timeLength + 1;
const tagAt = streamStart + 7;
const textStart = tagAt + 2;

/** As many bytes from a line's start tell whether it ends a line of text. */
export const headLength = textStart;

const fullTag = 'F'.charCodeAt(0);

/** `line` begins at a line's start: does its text end with a newline? */
export const isFull = (line: Buffer): boolean => line[tagAt] === fullTag;

/** Undefined for what conmon did not write. `line` is without its newline. */
export function parseLine(line: Buffer): LogLine | undefined {
  if (line.length < textStart || line[timeLength] !== 0x20) return undefined;
  const stream = line.toString('latin1', streamStart, streamStart + 6);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  return {
    time: line.toString('latin1', 0, timeLength),
    stream,
    partial: !isFull(line),
    text: line.subarray(textStart),
  };
}

/** Nanoseconds since the epoch. */
export function nanosecondsOf(time: string): bigint {
  const seconds = Date.parse(`${time.slice(0, 19)}${time.slice(29)}`) / 1000;
  return BigInt(seconds) * 1_000_000_000n + BigInt(time.slice(20, 29));
}

/** In UTC with nine digits, as `docker logs --timestamps` shows it. */
export function utcOf(time: string): string {
  if (time.endsWith('+00:00')) return `${time.slice(0, 29)}Z`;
  const utc = new Date(Date.parse(`${time.slice(0, 19)}${time.slice(29)}`)).toISOString();
  return `${utc.slice(0, 19)}${time.slice(19, 29)}Z`;
}
