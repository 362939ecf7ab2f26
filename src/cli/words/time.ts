/** Times and spans in words, and words as times. */

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** `About a minute`, `3 hours`: docker/go-units HumanDuration. */
export function humanSpan(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 1) return 'Less than a second';
  if (whole === 1) return '1 second';
  if (whole < minute) return `${whole} seconds`;
  const minutes = Math.floor(seconds / minute);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(seconds / hour + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(seconds / day / 365)} years`;
}

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

const unitNanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Nanoseconds of Go's `1h30m`, `1.5s`, `-2ms`. Throws an `Error` in Go's words. */
export function parseDuration(text: string): number {
  const wrong = (): Error => new Error(`time: invalid duration ${JSON.stringify(text)}`);
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0;
  if (rest === '') throw wrong();
  let total = 0;
  let left = rest;
  while (left !== '') {
    const match = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(left);
    if (match === null) throw wrong();
    const [whole, number = '', unit = ''] = match;
    if (unit === '') throw new Error(`time: missing unit in duration ${JSON.stringify(text)}`);
    const nanoseconds = unitNanoseconds[unit];
    if (nanoseconds === undefined)
      throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    total += Number(number) * nanoseconds;
    left = left.slice(whole.length);
  }
  return Math.round(sign === '-' ? -total : total);
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

function seconds(milliseconds: number, fraction: string): string {
  const whole = Math.floor(milliseconds / 1000);
  const rest =
    fraction === '' ? Math.round((milliseconds - whole * 1000) * 1e6) : Number(fraction.padEnd(9, '0'));
  return `${whole}.${String(rest).padStart(9, '0')}`;
}
