import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import type { ContainerConfig, Health, HealthConfig } from './container.ts';
import { withState } from './containers.ts';
import {
  checkCommand,
  checkTimeout,
  type HealthResult,
  inStartPeriod,
  nextHealth,
  rewatched,
  startingHealth,
  untilNextCheck,
} from './health.ts';

const second = 1e9;
const started = '2026-01-02T03:04:05Z';
const sample = world().container('c1');
const withCheck = (more: Partial<ContainerConfig>) => ({ config: { ...sample.config, ...more } });
const container = (status: Health['status']) =>
  withState(sample, { startedAt: started, health: { ...startingHealth, status } });
const at = (milliseconds: number): number => Date.parse(started) + milliseconds;

it('is not known any more when the engine begins to watch again; its results stay', () => {
  const result: HealthResult = { start: started, end: started, exitCode: 1, output: 'no' };
  const before: Health = { status: 'unhealthy', failingStreak: 4, log: [result] };
  expect(rewatched(before)).toEqual({ status: 'starting', failingStreak: 0, log: [result] });
});

describe('checkCommand', () => {
  const commands: [string, Partial<ContainerConfig>, readonly string[] | undefined][] = [
    ['there is none', {}, undefined],
    ['the image has one and the user wants none', { Healthcheck: { Test: ['NONE'] } }, undefined],
    ['nothing is said', { Healthcheck: { Test: [] } }, undefined],
    ['it is a command', { Healthcheck: { Test: ['CMD', 'wget', '-q', 'a'] } }, ['wget', '-q', 'a']],
    ['it is for the shell', { Healthcheck: { Test: ['CMD-SHELL', 'a | b'] } }, ['/bin/sh', '-c', 'a | b']],
    [
      'the image has its own shell',
      { Shell: ['/bin/ash', '-eo', '-c'], Healthcheck: { Test: ['CMD-SHELL', 'a | b'] } },
      ['/bin/ash', '-eo', '-c', 'a | b'],
    ],
    [
      'a list of no words stands for no shell',
      { Shell: [], Healthcheck: { Test: ['CMD-SHELL', 'a'] } },
      ['/bin/sh', '-c', 'a'],
    ],
  ];
  it.each(commands)('where %s', (_case, config, expected) => {
    expect(checkCommand(withCheck(config))).toEqual(expected);
  });
});

describe('the time between checks', () => {
  it('is what was asked, else what Docker has by default', () => {
    const running = container('healthy');
    expect(untilNextCheck(running, { Interval: 2 * second }, at(0))).toBe(2000);
    expect(untilNextCheck(running, {}, at(0))).toBe(30_000);
    expect(untilNextCheck(running, { Interval: 0 }, at(0))).toBe(30_000);
    expect(checkTimeout({ Timeout: second / 2 })).toBe(500);
    expect(checkTimeout({})).toBe(30_000);
  });

  it('is that of the start while the container starts', () => {
    const check = { Interval: 60 * second, StartPeriod: 10 * second };
    expect(untilNextCheck(container('starting'), check, at(9999))).toBe(5000);
    expect(untilNextCheck(container('starting'), { ...check, StartInterval: second }, at(0))).toBe(1000);
    expect(untilNextCheck(container('starting'), check, at(10_000))).toBe(60_000);
    expect(untilNextCheck(container('healthy'), check, at(0))).toBe(60_000);
  });

  const periods: [Health['status'], HealthConfig, number, boolean][] = [
    ['starting', { StartPeriod: second }, 999, true],
    ['starting', { StartPeriod: second }, 1000, false],
    ['starting', {}, 0, false],
    ['healthy', { StartPeriod: second }, 0, false],
    ['unhealthy', { StartPeriod: second }, 0, false],
  ];
  it.each(periods)('%s with %o is in its start period at %i ms: %s', (status, check, since, expected) => {
    expect(inStartPeriod(container(status), check, at(since))).toBe(expected);
  });

  it('knows no start period without a health', () => {
    expect(inStartPeriod(sample, { StartPeriod: second }, Date.parse(started))).toBe(false);
  });
});

describe('nextHealth', () => {
  const result = (exitCode: number, output = ''): HealthResult => ({ start: '', end: '', exitCode, output });
  const health = (results: readonly number[], rules: Partial<Parameters<typeof nextHealth>[2]> = {}) =>
    results.reduce(
      (before, code) => nextHealth(before, result(code), { retries: undefined, lenient: false, ...rules }),
      startingHealth,
    );
  const summary = ({ status, failingStreak }: Health) => [status, failingStreak];

  const courses: [readonly number[], string, number][] = [
    [[], 'starting', 0],
    [[0], 'healthy', 0],
    [[1], 'starting', 1],
    [[1, 1], 'starting', 2],
    [[1, 1, 1], 'unhealthy', 3],
    [[0, 1, 1], 'healthy', 2],
    [[0, 1, 1, 0, 1, 1], 'healthy', 2],
    [[1, 1, 1, 0], 'healthy', 0],
    [[1, 1, 1, 1], 'unhealthy', 4],
    [[0, -1, 125, 2], 'unhealthy', 3],
  ];
  it.each(courses)('makes of the exit codes %j: %s, %i failures in a row', (codes, status, streak) => {
    expect(summary(health(codes))).toEqual([status, streak]);
  });

  it('takes as many failures as were asked for, three where none or 0 was asked', () => {
    expect(summary(health([1], { retries: 1 }))).toEqual(['unhealthy', 1]);
    expect(summary(health([1, 1, 1], { retries: 4 }))).toEqual(['starting', 3]);
    expect(summary(health([1, 1], { retries: 0 }))).toEqual(['starting', 2]);
    expect(summary(health([1, 1, 1], { retries: 0 }))).toEqual(['unhealthy', 3]);
  });

  it('counts no failure of the start period, but shows it', () => {
    const lenient = health([1, 1, 1, 1], { lenient: true });
    expect(summary(lenient)).toEqual(['starting', 0]);
    expect(lenient.log).toHaveLength(4);
    expect(summary(health([1, 0], { lenient: true }))).toEqual(['healthy', 0]);
  });

  it('keeps the last five results, the oldest first', () => {
    expect(health([1, 2, 3, 4, 5, 6, 0]).log.map(({ exitCode }) => exitCode)).toEqual([3, 4, 5, 6, 0]);
  });
});
