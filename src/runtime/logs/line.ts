/**
 * A line of conmon's log format, which is Kubernetes' (CRI): `TIME stream F text`, or `P` if the text continues in
 * the stream's next line (conmon writes what it reads, at most 8 KiB). Lines are examined in place, in the piece that
 * was read, because a log may have millions of them. Pure.
 */

/** `2026-01-02T03:04:05.123456789+00:00 stdout F `: time, blank, stream, blank, tag, blank. */
export const timeLength = 35;
const streamStart = timeLength + 1;
const tagAt = streamStart + 7;

/** From a line's start to its text. */
export const headLength = tagAt + 2;

const blank = 0x20;
const fullTag = 'F'.charCodeAt(0);
const [outLetter, errLetter] = [...Buffer.from('oe')];

/** Whether the text of the line at `start` ends with a newline. Its head must be in the piece. */
export const isFull = (piece: Buffer, start: number): boolean => piece[start + tagAt] === fullTag;

/** The stream of the line from `start` to its newline at `end`; undefined for lines that conmon did not write. */
export function streamOf(piece: Buffer, start: number, end: number): 'stdout' | 'stderr' | undefined {
  if (end - start < headLength || piece[start + timeLength] !== blank || piece[start + tagAt - 1] !== blank)
    return undefined;
  // std_o_ut, std_e_rr
  const letter = piece[start + streamStart + 3];
  if (letter === outLetter) return 'stdout';
  return letter === errLetter ? 'stderr' : undefined;
}

/** The time as written: RFC 3339 with nanoseconds and an offset. */
export const timeOf = (piece: Buffer, start: number): string =>
  piece.toString('latin1', start, start + timeLength);

/** In UTC with nine digits, as `docker logs --timestamps` shows it. */
export function utcOf(time: string): string {
  if (time.endsWith('+00:00')) return `${time.slice(0, 29)}Z`;
  const utc = new Date(Date.parse(`${time.slice(0, 19)}${time.slice(29)}`)).toISOString();
  return `${utc.slice(0, 19)}${time.slice(19, 29)}Z`;
}

/** 9999-12-31T23:59:59.999999999Z. */
const latest = 253_402_300_799_999_999_999n;

/**
 * A time in the form of `utcOf`, whose text order is that of time: cheaper to compare with lines than a number.
 * Times before 1970 and after 9999 are moved to these years.
 */
export function utcOfNanoseconds(nanoseconds: bigint): string {
  const near = nanoseconds < 0n ? 0n : nanoseconds > latest ? latest : nanoseconds;
  const second = new Date(Number(near / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${second}.${String(near % 1_000_000_000n).padStart(9, '0')}Z`;
}
