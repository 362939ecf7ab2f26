/** Points in time in requests: seconds with a fraction, RFC 3339, or a duration before now. */
import { fail } from '../errors.ts';
import { readDuration } from '../go/duration.ts';

const second = 1_000_000_000n;
/** `1735689600.000000123`, as the CLI sends times. */
function parseSeconds(text: string): bigint | undefined {
  const [, whole, fraction = ''] = /^(-?[0-9]+)(?:\.([0-9]{1,9}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : BigInt(whole) * second + BigInt(fraction.padEnd(9, '0'));
}

/**
 * Nanoseconds since the epoch. Durations count back from `now` (milliseconds). Throws BAD_REQUEST.
 */
export function parseTimestamp(text: string, now: number): bigint {
  const seconds = parseSeconds(text);
  if (seconds !== undefined) return seconds;
  const ago = readDuration(text);
  if (ago !== undefined) return BigInt(Math.trunc(now)) * 1_000_000n - BigInt(ago);
  const date = /^[0-9]{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(date))
    throw fail('BAD_REQUEST', `failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return BigInt(date) * 1_000_000n;
}

/** `1735689600.5`, the only form that logs and events accept; '' gives undefined. Throws BAD_REQUEST in Go's words. */
export function parseMoment(text: string): bigint | undefined {
  if (text === '') return undefined;
  const [whole = '', fraction] = text.split('.', 2);
  const wrong = [whole, ...(fraction === undefined ? [] : [fraction])].find(
    (part) => !/^[+-]?[0-9]+$/.test(part),
  );
  if (wrong !== undefined)
    throw fail('BAD_REQUEST', `strconv.ParseInt: parsing ${JSON.stringify(wrong)}: invalid syntax`);
  return BigInt(whole) * second + BigInt((fraction ?? '').padEnd(9, '0').slice(0, 9));
}

/** As `parseMoment`; 0 means no limit, too. */
export function parseLimit(text: string): bigint | undefined {
  const time = parseMoment(text);
  return time === 0n ? undefined : time;
}
