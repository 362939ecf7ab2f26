/** Durations in words, as `docker ps` shows them (Go's units.HumanDuration). */

const minute = 60;
const hour = 60 * minute;

function fromHours(hours: number, exact: number): string {
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(exact / 24 / 365)} years`;
}

/** `milliseconds` in words: `About a minute`, `3 hours`. Negative counts as less than a second. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < minute) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / minute);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = milliseconds / 1000 / hour;
  return fromHours(Math.trunc(hours + 0.5), hours);
}
