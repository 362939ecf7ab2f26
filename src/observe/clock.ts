/** Wall-clock time with nanoseconds, as Docker's API shows it. */

/** How far the two clocks may drift apart before the wall's is set again, in milliseconds. */
const tolerance = 20;

/** Wall time at the beginning of the monotonic clock; changes when somebody sets the wall clock. */
let origin = performance.timeOrigin;

/** Nanoseconds since the epoch. The wall clock has milliseconds only: the rest is the monotonic clock's. */
export function nowNanoseconds(): bigint {
  const sinceOrigin = performance.now();
  if (Math.abs(Date.now() - (origin + sinceOrigin)) > tolerance) origin = Date.now() - sinceOrigin;
  const milliseconds = origin + sinceOrigin;
  return BigInt(Math.trunc(milliseconds)) * 1_000_000n + BigInt(Math.trunc((milliseconds % 1) * 1e6));
}

/** RFC 3339 in UTC with nine digits of a second: `2026-01-02T03:04:05.000000006Z`. */
export function rfc3339(nanoseconds: bigint): string {
  const whole = new Date(Number(nanoseconds / 1_000_000n)).toISOString();
  const rest = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0');
  return `${whole.slice(0, 19)}.${rest}Z`;
}
