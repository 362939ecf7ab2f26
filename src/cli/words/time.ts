/** Times as the CLI shows and accepts them. */
import { messageOf } from '../../errors.ts';
import { parseDuration } from '../../go/duration.ts';
import { CliError } from '../failure.ts';

const two = (value: number): string => String(value).padStart(2, '0');

function zone(date: Date): { readonly offset: string; readonly name: string } {
  const minutes = -date.getTimezoneOffset();
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}${two(Math.abs(minutes) % 60)}`;
  if (minutes === 0 && (process.env.TZ ?? '') === '') return { offset, name: 'UTC' };
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
  return { offset, name: parts.find(({ type }) => type === 'timeZoneName')?.value ?? offset };
}

const stamp = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;

/** `2026-01-02 15:04:05 +0000 UTC`: Go's Time.String of whole seconds, local time. */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const { offset, name } = zone(date);
  return `${stamp(date)} ${offset} ${name}`;
}

/** `2026-01-02T15:04:05Z` or with the local offset: Go's RFC 3339. */
export function localRfc3339(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${stamp(date).replace(' ', 'T')}${rfcOffset(date)}`;
}

function rfcOffset(date: Date): string {
  const { offset } = zone(date);
  return offset === '+0000' ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(3)}`;
}

/** `2026-01-02T15:04:05.000000000Z`, local: how events show their nanoseconds. */
export function localNanoTime(nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / 1_000_000n));
  const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, '0');
  return `${stamp(date).replace(' ', 'T')}.${fraction}${rfcOffset(date)}`;
}

/** `2026-11-21 09:09:37.806560067 +0000 UTC` of the engine's RFC 3339. Some of docker's texts write `utc`. */
export function goTime(text: string, utc = ' UTC'): string {
  const match = /^(\S+)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return text;
  const [, date, time, fraction = '', offset = ''] = match;
  const kept = fraction.replace(/0+$/, '');
  const zone = offset === 'Z' ? `+0000${utc}` : `${offset.replace(':', '')} ${offset.replace(':', '')}`;
  return `${date} ${time}${kept === '' ? '' : `.${kept}`} ${zone}`;
}

/**
 * A moment for the API's `since` and `until`: seconds since 1970, `seconds.nanoseconds`. Takes RFC 3339 and
 * its short forms in local time, seconds, and spans back from now (`10m`). Throws an `Error`.
 */
export function parseMoment(text: string, nowMilliseconds: number): string {
  if (/^-?\d+(\.\d+)?$/.test(text)) return text;
  if (/^[+-]?[\d.]+(ns|us|µs|ms|s|m|h)/.test(text))
    return seconds(nowMilliseconds - parseDuration(text) / 1e6, '');
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d(?::\d\d(?::\d\d(?:\.(\d{1,9}))?)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(
    text,
  );
  if (match === null) throw new Error(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  const [, date = '', time = '00', fraction = '', offset = ''] = match;
  const clock = `${(time.split('.')[0] ?? '').padEnd(2, '0')}:00:00`.slice(0, 8);
  return seconds(Date.parse(`${date}T${clock}${offset}`), fraction);
}

/** The value of a flag that is a moment, for the API; undefined where it is not given. Throws `CliError`. */
export function momentOf(flag: string, text: string): string | undefined {
  if (text === '') return undefined;
  try {
    return parseMoment(text, Date.now());
  } catch (thrown) {
    throw new CliError(`invalid value for "${flag}": ${messageOf(thrown)}`, { cause: thrown });
  }
}

function seconds(milliseconds: number, fraction: string): string {
  const whole = Math.floor(milliseconds / 1000);
  const rest =
    fraction === '' ? Math.round((milliseconds - whole * 1000) * 1e6) : Number(fraction.padEnd(9, '0'));
  return `${whole}.${String(rest).padStart(9, '0')}`;
}
