/** Wall-clock time with nanoseconds, as Docker's API shows it. */

/** Milliseconds of drift between wall clock and monotonic clock before `origin` is recomputed. */
const tolerance = 20;

/** Wall time at the start of the monotonic clock; changes when the wall clock is set. */
let origin = performance.timeOrigin;

/** Nanoseconds since the epoch. JavaScript's wall clock has only milliseconds, so the monotonic clock adds the rest. */
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
