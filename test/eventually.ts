/** Waits for what a test expects: no test fails because the machine is busy. */
import { vi } from 'vitest';

/** Milliseconds; what does not come within them does not come. */
const longest = 20_000;

export const eventually = <T>(expected: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(expected, { timeout: longest, interval: 50 });
