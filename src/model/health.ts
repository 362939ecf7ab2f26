/** Health of a container by its health checks (Docker's `HEALTHCHECK`). */
import type { Container, Health, HealthConfig } from './container.ts';

/** Docker's defaults, in milliseconds and counts. */
const defaults = { interval: 30_000, timeout: 30_000, startInterval: 5_000, retries: 3 };
const keptResults = 5;

export type HealthResult = Health['log'][number];

/** Before the first result. */
export const startingHealth: Health = { status: 'starting', failingStreak: 0, log: [] };

/** The health of a container that is paused or has ended: unhealthy, as in Docker. */
export const unwatched = (health: Health): Health => ({ ...health, status: 'unhealthy' });

/** The engine was restarted while the container ran: its last health status may be out of date. */
export const rewatched = (health: Health): Health => ({ ...health, status: 'starting', failingStreak: 0 });

/** The command line of a check, or undefined where there is none (`NONE`, nothing). */
export function checkCommand({ config }: Pick<Container, 'config'>): readonly string[] | undefined {
  const [form, ...rest] = config.Healthcheck?.Test ?? [];
  if (form === 'CMD') return rest;
  const shell = config.Shell?.length ? config.Shell : ['/bin/sh', '-c'];
  if (form === 'CMD-SHELL') return [...shell, rest[0] ?? ''];
  return undefined;
}

const milliseconds = (nanoseconds: number | undefined, otherwise: number): number =>
  nanoseconds ? nanoseconds / 1e6 : otherwise;

/** How long one check may take, in milliseconds. */
export const checkTimeout = ({ Timeout }: HealthConfig): number => milliseconds(Timeout, defaults.timeout);

/** Failures count for nothing at first (`--health-start-period`), until the first success. `now` in ms. */
export const inStartPeriod = ({ state }: Container, check: HealthConfig, now: number): boolean =>
  state.health?.status === 'starting' &&
  now - Date.parse(state.startedAt) < milliseconds(check.StartPeriod, 0);

/** Milliseconds to the next check. */
export const untilNextCheck = (container: Container, check: HealthConfig, now: number): number =>
  inStartPeriod(container, check, now)
    ? milliseconds(check.StartInterval, defaults.startInterval)
    : milliseconds(check.Interval, defaults.interval);

/** The container's health after a result. */
export function nextHealth(
  before: Health,
  result: HealthResult,
  rules: { readonly retries: number | undefined; readonly lenient: boolean },
): Health {
  const log = [...before.log, result].slice(-keptResults);
  if (result.exitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (rules.lenient) return { ...before, log };
  const failingStreak = before.failingStreak + 1;
  const status = failingStreak >= (rules.retries || defaults.retries) ? 'unhealthy' : before.status;
  return { status, failingStreak, log };
}
