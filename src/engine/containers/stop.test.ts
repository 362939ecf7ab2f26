import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import { fail } from '../../errors.ts';
import { withState } from '../../model/containers.ts';
import { createExits } from './exits.ts';
import { kill, type Stopping, stop } from './stop.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** An engine with a running container, whose process ends when it is killed, or does not. */
function engine({ ends }: { readonly ends: boolean }) {
  const { model, container } = world();
  const { id } = container('web');
  const running = model.get('containers', id);
  if (running) model.apply([{ table: 'containers', put: withState(running, { status: 'running' }) }]);
  const exits = createExits();
  const core = {
    ...{ model, exits },
    events: { emit: () => undefined },
    logger: { debug: () => undefined },
    queue: { run: (_id: string, work: () => Promise<unknown>) => work() },
    restarts: { forget: () => undefined },
    retries: { has: () => false },
    records: { keep: async () => ({}) },
    runtime: { kill: async () => undefined, exitOf: () => (ends ? { id, exitCode: 137 } : undefined) },
  } as unknown as Stopping;
  return { core, id, isDown: () => exits.notifyExit(id, { exitCode: 137, error: '' }) };
}

test('a container whose process has ended is waited for until its network is down, however busy the machine', async () => {
  const { core, id, isDown } = engine({ ends: true });
  const stopped = stop(core, id, { timeout: 0 });
  await vi.advanceTimersByTimeAsync(40_000);
  isDown();
  await stopped;
});

test('a process that cannot be killed is told after ten seconds', async () => {
  const { core, id } = engine({ ends: false });
  const stopped = stop(core, id, { timeout: 0 });
  const told = expect(stopped).rejects.toThrow('tried to kill it for 10 s');
  await vi.advanceTimersByTimeAsync(10_001);
  await told;
});

test('a process has the time that was asked for, be it months', async () => {
  const { core, id, isDown } = engine({ ends: true });
  const kills: number[] = [];
  const runtime = { ...core.runtime, kill: async (_id: string, signal: number) => void kills.push(signal) };
  const stopped = stop({ ...core, runtime } as unknown as Stopping, id, { timeout: 60 * 86_400 });
  await vi.advanceTimersByTimeAsync(59 * 86_400_000);
  expect(kills).toEqual([15]);
  isDown();
  await stopped;
});

test.each([stop, (core: Stopping, id: string) => kill(core, id, 'KILL')])(
  'a signal that cannot be sent is an error, and one to a process that has just ended is none',
  async (act) => {
    const { core, id, isDown } = engine({ ends: true });
    const failing = (error: Error) => ({
      ...core,
      runtime: { ...core.runtime, kill: () => Promise.reject(error) },
    });
    const busy = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    await expect(act(failing(busy) as Stopping, id, {})).rejects.toThrow('EMFILE');
    const ended = act(failing(fail('CONTAINER_NOT_RUNNING', id)) as Stopping, id, {});
    await vi.advanceTimersByTimeAsync(10);
    isDown();
    await ended;
  },
);

test('a kill that does not end the process is an error', async () => {
  const { core, id } = engine({ ends: false });
  const told = expect(kill(core, id, 'KILL')).rejects.toThrow('tried to kill it for 10 s');
  await vi.advanceTimersByTimeAsync(10_001);
  await told;
});
