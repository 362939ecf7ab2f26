import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import { withState } from '../../model/containers.ts';
import { type HealthResult, startingHealth } from '../../model/health.ts';
import { changesOf } from '../../model/transition.ts';
import { HealthWatch } from './health-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const second = 1e9;
const result = (exitCode: number): HealthResult => ({ start: '', end: '', exitCode, output: '' });

/** A container that is checked every second; `codes` are what its checks end with, undefined one that never ends. */
function engine(codes: readonly (number | Error | undefined)[], check = ['CMD', 'true'], interval = second) {
  const { model, container } = world();
  const made = container('web');
  const config = { ...made.config, Healthcheck: { Test: check, Interval: interval, Retries: 2 } };
  const put = withState({ ...made, config }, { status: 'running', health: startingHealth });
  model.apply([{ table: 'containers', put }]);
  const [warnings, actions] = [[] as string[], [] as string[]];
  let checks = 0;
  const watch = new HealthWatch({
    model,
    records: {
      keep: async (transition) => {
        const decided = transition(model);
        model.apply(changesOf(decided));
        return { decided, takenBack: () => [], owed: [] };
      },
    },
    events: { emit: ({ action }) => void actions.push(action) },
    logger: { warn: (message) => void warnings.push(message) },
    async probe() {
      const code = codes[checks++];
      if (code instanceof Error) throw code;
      return code === undefined ? new Promise<never>(() => undefined) : result(code);
    },
  });
  const health = () => model.get('containers', put.id)?.state.health;
  return { watch, container: put, model, health, warnings, actions, checks: () => checks };
}

it('checks run one after the other, and what they change is told', async () => {
  const { watch, container, health, actions } = engine([0, 0, 1, 1, 1]);
  watch.begin(container);
  const seen: unknown[] = [];
  for (let time = 0; time < 5; time++) {
    await vi.advanceTimersByTimeAsync(1000);
    seen.push(health()?.status);
  }
  expect(seen).toEqual(['healthy', 'healthy', 'healthy', 'unhealthy', 'unhealthy']);
  expect(actions).toEqual(['health_status: healthy', 'health_status: unhealthy']);
  watch.close();
});

it('one that cannot be run is a warning, and the next one follows', async () => {
  const { watch, container, warnings, health } = engine([new Error('no'), 0]);
  watch.begin(container);
  await vi.advanceTimersByTimeAsync(2000);
  expect(warnings).toEqual(['a health check failed to run']);
  expect(health()?.status).toBe('healthy');
  watch.close();
});

it('a container that is no longer watched is not checked, nor is a late result written', async () => {
  const { watch, container, checks, health, actions } = engine([0, 0]);
  watch.begin(container);
  await vi.advanceTimersByTimeAsync(999);
  watch.end(container.id);
  await vi.advanceTimersByTimeAsync(5000);
  expect(checks()).toBe(0);
  watch.begin(container);
  vi.advanceTimersByTime(1000);
  watch.close();
  await vi.advanceTimersByTimeAsync(5000);
  expect([checks(), health()?.status, actions]).toEqual([1, 'starting', []]);
});

it('watched twice it is checked once at a time', async () => {
  const { watch, container, checks } = engine([0, 0, 0]);
  watch.begin(container);
  watch.begin(container);
  await vi.advanceTimersByTimeAsync(1000);
  expect(checks()).toBe(1);
  watch.close();
});

it('without a check there is nothing to watch, and checks end with their container', async () => {
  const none = engine([0], ['NONE']);
  none.watch.begin(none.container);
  const removed = engine([0, 0, 0]);
  removed.watch.begin(removed.container);
  await vi.advanceTimersByTimeAsync(1000);
  removed.model.apply([{ table: 'containers', remove: removed.container.id }]);
  await vi.advanceTimersByTimeAsync(5000);
  expect([none.checks(), removed.checks()]).toEqual([0, 2]);
});

it('an interval of months is waited for', async () => {
  const { watch, container, checks } = engine([0], ['CMD', 'true'], 60 * 86_400 * second);
  watch.begin(container);
  await vi.advanceTimersByTimeAsync(59 * 86_400_000);
  expect(checks()).toBe(0);
  await vi.advanceTimersByTimeAsync(86_400_000);
  expect(checks()).toBe(1);
  watch.close();
});
