/** Wall-clock time with nanoseconds, as Docker's API shows it. */

/** Nanoseconds since the epoch. */
export function nowNanoseconds(): bigint {
  const milliseconds = performance.timeOrigin + performance.now();
  return BigInt(Math.trunc(milliseconds)) * 1_000_000n + BigInt(Math.trunc((milliseconds % 1) * 1e6));
}

/** RFC 3339 in UTC with nine digits of a second: `2026-01-02T03:04:05.000000006Z`. */
export function rfc3339(nanoseconds: bigint): string {
  const whole = new Date(Number(nanoseconds / 1_000_000n)).toISOString();
  const rest = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0');
  return `${whole.slice(0, 19)}.${rest}Z`;
}
