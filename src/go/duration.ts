/** Durations of Go's `time` package, and in words as docker/go-units prints them. */

const unitNanoseconds: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  // both spellings of micro, U+00B5 and U+03BC
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);

/** Nanoseconds of `1h30m`, `1.5s`, `-2ms`, rounded. Throws an `Error` in Go's words. */
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
    const nanoseconds = unitNanoseconds.get(unit);
    if (nanoseconds === undefined)
      throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    total += Number(number) * nanoseconds;
    left = left.slice(whole.length);
  }
  // an int64 in Go
  if (total >= 2 ** 63) throw wrong();
  return Math.round(sign === '-' ? -total : total);
}

/** As `parseDuration`, but undefined for an invalid text. */
export function readDuration(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

/** Milliseconds as Go prints durations: `10µs`, `500ms`, `1.5s`, `1m30s`, `1h0m0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (milliseconds < 0.001) return `${Math.round(milliseconds * 1e6)}ns`;
  if (milliseconds < 1) return `${Math.round(milliseconds * 1e6) / 1000}µs`;
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = `${(milliseconds - minutes * 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`;
}

function hoursInWords(hours: number, exact: number): string {
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(exact / 24 / 365)} years`;
}

/** `About a minute`, `3 hours`: `units.HumanDuration` of docker/go-units. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = milliseconds / 3_600_000;
  return hoursInWords(Math.trunc(hours + 0.5), hours);
}
