import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import type { Container } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import { createLogger } from '../../observe/logger.ts';
import { Retries } from '../../reconcile/retries.ts';
import { bootKey, RestartPlans } from './restart-plans.ts';

/** The plans of an engine, and the warnings that they lead to. */
function engine() {
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message) };
  return { plans: new RestartPlans({ logger, retries: new Retries(createLogger('fatal')) }), warnings };
}

const sample = world().container('c1');

/** One that ended after so many seconds. */
const ran = (seconds: number, id = 'c1'): Container => ({
  ...withState(sample, {
    startedAt: new Date(0).toISOString(),
    finishedAt: new Date(seconds * 1000).toISOString(),
  }),
  id,
});

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** After how many milliseconds it is started again. */
async function delayOf(plans: RestartPlans, container: Container): Promise<number> {
  let started: number | undefined;
  const planned = Date.now();
  plans.plan(container, async () => {
    started = Date.now() - planned;
  });
  await vi.runAllTimersAsync();
  return started ?? Number.NaN;
}

describe('the time until a container is started again', () => {
  it('is doubled each time, up to a minute', async () => {
    const { plans } = engine();
    const delays: number[] = [];
    for (let time = 0; time < 12; time++) delays.push(await delayOf(plans, ran(1)));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
  });

  it('starts over after more than ten seconds of running', async () => {
    const { plans } = engine();
    await delayOf(plans, ran(1));
    expect(await delayOf(plans, ran(10))).toBe(200);
    expect(await delayOf(plans, ran(10.001))).toBe(100);
    expect(await delayOf(plans, ran(1))).toBe(200);
  });

  it('is each container’s own, in each engine', async () => {
    const { plans } = engine();
    await delayOf(plans, ran(1, 'one'));
    expect(await delayOf(plans, ran(1, 'two'))).toBe(100);
    expect(await delayOf(plans, ran(1, 'one'))).toBe(200);
    expect(await delayOf(engine().plans, ran(1, 'one'))).toBe(100);
  });

  it('is forgotten with the plan, which is then not kept', async () => {
    const { plans } = engine();
    await delayOf(plans, ran(1));
    const start = vi.fn(async () => {});
    plans.plan(ran(1), start);
    plans.forget('c1');
    await vi.runAllTimersAsync();
    expect(start).not.toHaveBeenCalled();
    expect(await delayOf(plans, ran(1))).toBe(100);
    plans.forget('nobody');
  });

  it('is not waited for when the engine ends', async () => {
    const { plans } = engine();
    const start = vi.fn(async () => {});
    plans.plan(ran(1, 'one'), start);
    plans.plan(ran(1, 'two'), start);
    plans.close();
    await vi.runAllTimersAsync();
    expect(start).not.toHaveBeenCalled();
  });

  it('ends with a warning where the start fails', async () => {
    const { plans, warnings } = engine();
    plans.plan(ran(1), () => Promise.reject(new Error('no')));
    await vi.runAllTimersAsync();
    expect(warnings).toEqual(['a restart failed']);
  });
});

describe('a container that is being restarted', () => {
  it('is held until that is over, also where it fails', async () => {
    const { plans } = engine();
    expect(plans.isHeld('c1')).toBe(false);
    const during = plans.hold('c1', async () => [plans.isHeld('c1'), plans.isHeld('c2')]);
    expect(await during).toEqual([true, false]);
    expect(plans.isHeld('c1')).toBe(false);
    await expect(plans.hold('c1', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(plans.isHeld('c1')).toBe(false);
  });

  it('is held by each request that restarts it until the last of them is over', async () => {
    const { plans } = engine();
    const first = Promise.withResolvers<void>();
    const held = plans.hold('c1', () => first.promise);
    await plans.hold('c1', async () => undefined);
    expect(plans.isHeld('c1')).toBe(true);
    first.resolve();
    await held;
    expect(plans.isHeld('c1')).toBe(false);
  });
});

it('what was planned at the start of the engine is dropped only where the user asks for something else', () => {
  const dropped: string[] = [];
  const plans = new RestartPlans({
    logger: { warn: () => undefined },
    retries: { drop: (key) => void dropped.push(key) },
  });
  plans.drop('c1');
  expect(dropped).toEqual([]);
  plans.forget('c1');
  expect(dropped).toEqual([bootKey('c1')]);
});
