/** The health check that the flags describe. */
import { CliError } from '../failure.ts';

export interface HealthFlags {
  readonly healthCmd: string;
  readonly healthInterval: number;
  readonly healthRetries: number;
  readonly healthStartInterval: number;
  readonly healthStartPeriod: number;
  readonly healthTimeout: number;
  readonly noHealthcheck: boolean;
}

export interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

const orAbsent = (value: number): number | undefined => (value === 0 ? undefined : value);

/** Undefined where no flag speaks of health. Throws `CliError`. */
export function healthcheckOf(flags: HealthFlags): Healthcheck | undefined {
  const numbers = [
    ['health-interval', flags.healthInterval],
    ['health-timeout', flags.healthTimeout],
    ['health-retries', flags.healthRetries],
    ['health-start-period', flags.healthStartPeriod],
    ['health-start-interval', flags.healthStartInterval],
  ] as const;
  const isAsked = flags.healthCmd !== '' || numbers.some(([, value]) => value !== 0);
  if (flags.noHealthcheck) {
    if (isAsked) throw new CliError('--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  if (!isAsked) return undefined;
  for (const [name, value] of numbers) if (value < 0) throw new CliError(`--${name} cannot be negative`);
  return {
    Test: flags.healthCmd === '' ? undefined : ['CMD-SHELL', flags.healthCmd],
    Interval: orAbsent(flags.healthInterval),
    Timeout: orAbsent(flags.healthTimeout),
    StartPeriod: orAbsent(flags.healthStartPeriod),
    StartInterval: orAbsent(flags.healthStartInterval),
    Retries: orAbsent(flags.healthRetries),
  };
}
