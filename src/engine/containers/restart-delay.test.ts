import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Container } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import { world } from '../../model/fixture.ts';
import { createLogger } from '../../observe/logger.ts';
import { Retries } from '../../reconcile/retries.ts';
import type { Core } from '../core.ts';
import {
  cancelRestarts,
  forgetRestarts,
  holdForRestart,
  isHeldForRestart,
  planRestart,
} from './restart-policy.ts';

/** All of the engine that a plan needs. */
function engine() {
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message) };
  const core = { logger, retries: new Retries(createLogger('fatal')) } as unknown as Core;
  return { core, warnings };
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
async function delayOf(core: Core, container: Container): Promise<number> {
  let started: number | undefined;
  const planned = Date.now();
  planRestart(core, container, async () => {
    started = Date.now() - planned;
  });
  await vi.runAllTimersAsync();
  return started ?? Number.NaN;
}

describe('the time until a container is started again', () => {
  it('is doubled each time, up to a minute', async () => {
    const { core } = engine();
    const delays: number[] = [];
    for (let time = 0; time < 12; time++) delays.push(await delayOf(core, ran(1)));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
  });

  it('begins anew after more than ten seconds of running', async () => {
    const { core } = engine();
    await delayOf(core, ran(1));
    expect(await delayOf(core, ran(10))).toBe(200);
    expect(await delayOf(core, ran(10.001))).toBe(100);
    expect(await delayOf(core, ran(1))).toBe(200);
  });

  it('is each container’s own, in each engine', async () => {
    const { core } = engine();
    await delayOf(core, ran(1, 'one'));
    expect(await delayOf(core, ran(1, 'two'))).toBe(100);
    expect(await delayOf(core, ran(1, 'one'))).toBe(200);
    expect(await delayOf(engine().core, ran(1, 'one'))).toBe(100);
  });

  it('is forgotten with the plan, which is then not kept', async () => {
    const { core } = engine();
    await delayOf(core, ran(1));
    const start = vi.fn(async () => {});
    planRestart(core, ran(1), start);
    forgetRestarts(core, 'c1');
    await vi.runAllTimersAsync();
    expect(start).not.toHaveBeenCalled();
    expect(await delayOf(core, ran(1))).toBe(100);
    forgetRestarts(core, 'nobody');
  });

  it('is not waited for when the engine ends', async () => {
    const { core } = engine();
    const start = vi.fn(async () => {});
    planRestart(core, ran(1, 'one'), start);
    planRestart(core, ran(1, 'two'), start);
    cancelRestarts(core);
    await vi.runAllTimersAsync();
    expect(start).not.toHaveBeenCalled();
  });

  it('ends with a warning where the start fails', async () => {
    const { core, warnings } = engine();
    planRestart(core, ran(1), () => Promise.reject(new Error('no')));
    await vi.runAllTimersAsync();
    expect(warnings).toEqual(['a restart failed']);
  });
});

describe('a container that is being restarted', () => {
  it('is held until that is over, also where it fails', async () => {
    const { core } = engine();
    expect(isHeldForRestart(core, 'c1')).toBe(false);
    const during = holdForRestart(core, 'c1', async () => [
      isHeldForRestart(core, 'c1'),
      isHeldForRestart(core, 'c2'),
    ]);
    expect(await during).toEqual([true, false]);
    expect(isHeldForRestart(core, 'c1')).toBe(false);
    await expect(holdForRestart(core, 'c1', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(isHeldForRestart(core, 'c1')).toBe(false);
  });
});
