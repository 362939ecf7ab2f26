import { expect, it, vi } from 'vitest';
import { world } from '../../../../test/model/fixture.ts';
import { fail } from '../../../errors.ts';
import { blankConfig } from '../../../model/blank.ts';
import type { ContainerRequest, ContainerState } from '../../../model/container.ts';
import { withState } from '../../../model/containers.ts';
import { createEvents } from '../../../observe/events.ts';
import { Retries } from '../../../reconcile/retries.ts';
import type { SwarmTask, TaskState, TaskStatus } from '../../../swarm/records.ts';
import type { ExitResult } from '../../container-verbs.ts';
import { createExits } from '../../containers/exits.ts';
import { taskLabel } from '../task-label.ts';
import { TaskRun } from './task-run.ts';

const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

const task = (state: TaskState, more: Partial<SwarmTask> = {}): SwarmTask => ({
  ...{ id: 't1', version: 1, createdAt: '', updatedAt: '', serviceId: 's1' },
  ...{ service: { Name: 'web', Labels: {} }, slot: 1, nodeId: 'n1', spec: { ContainerSpec: {} } },
  ...{ specVersion: 1, attachments: [], ports: [], desiredState: 'running' },
  status: { timestamp: '', state, message: '', error: '' },
  ...more,
});

/** An engine whose one container the test controls. */
function engine({ check = false } = {}) {
  const { model, container } = world();
  const events = createEvents(() => 0n);
  const exits = createExits();
  const told: TaskStatus[] = [];
  const set = (id: string, state: Partial<ContainerState>): void => {
    const now = model.get('containers', id);
    if (now) model.apply([{ table: 'containers', put: withState(now, state) }]);
  };
  const end = (id: string, exitCode: number): void => {
    set(id, { status: 'exited', pid: 0, exitCode });
    events.emit({ type: 'container', action: 'die', id, attributes: {} });
    exits.notifyExit(id, { exitCode, error: '' });
  };
  const made = () => container('web', { config: { ...blankConfig, Labels: { [taskLabel]: 't1' } } });
  const containers = {
    create: vi.fn(async (_: ContainerRequest) => {
      const { id } = made();
      const now = model.get('containers', id);
      const Healthcheck = { Test: ['CMD', 'true'] };
      if (now && check)
        model.apply([{ table: 'containers', put: { ...now, config: { ...now.config, Healthcheck } } }]);
      return { id, warnings: [] };
    }),
    start: vi.fn(async (id: string) => {
      const health = { status: 'starting', failingStreak: 0, log: [] } as const;
      set(id, { status: 'running', pid: 7, startedAt: '2026-01-01T00:00:00Z', ...(check && { health }) });
    }),
    stop: vi.fn(async (id: string) => {
      if (model.get('containers', id)?.state.status !== 'running') throw fail('CONTAINER_ALREADY');
      end(id, 143);
    }),
    remove: vi.fn(async (id: string) => model.apply([{ table: 'containers', remove: id }]) && undefined),
    wait: async (id: string, { signal }: { readonly signal?: AbortSignal }): Promise<ExitResult> => {
      const { status, exitCode } = model.get('containers', id)?.state ?? { status: '', exitCode: 137 };
      return status === 'running' ? exits.nextExit(id, signal) : { exitCode, error: '' };
    },
  };
  const files = { put: vi.fn(async () => undefined), drop: vi.fn(async () => undefined) };
  const parts = {
    ...{ model, events, logger, retries: new Retries(logger), containers, files, nodeId: () => 'n1' },
    provideImage: vi.fn(async () => undefined),
    request: () => ({}) as ContainerRequest,
    report: ({ status }: { readonly status: TaskStatus }) => told.push(status),
    ...{ ended: vi.fn(), now: () => 'now' },
  };
  const states = () => told.map(({ state }) => state);
  const last = () => told.at(-1);
  const reaches = (state: TaskState) => vi.waitFor(() => expect(last()?.state).toBe(state), { interval: 1 });
  const health = (id: string, status: string) =>
    events.emit({ type: 'container', action: `health_status: ${status}`, id, attributes: {} });
  return { model, parts, containers, files, states, last, reaches, end, made, set, health };
}

it('goes through its states, and ends with its process', async () => {
  const { parts, states, last, reaches, end, files } = engine();
  const run = new TaskRun(task('assigned'), parts);
  run.update(task('assigned'));
  await reaches('running');
  expect(states()).toEqual(['accepted', 'preparing', 'ready', 'starting', 'running']);
  expect(last()).toMatchObject({ message: 'started', container: { pid: 7 } });
  end(last()?.container?.id ?? '', 0);
  await reaches('complete');
  expect(last()).toMatchObject({ message: 'finished', container: { pid: 0, exitCode: 0 } });
  expect(files.drop).toHaveBeenCalledWith(last()?.container?.id);
});

it('fails with the exit code of its process', async () => {
  const { parts, last, reaches, end } = engine();
  const run = new TaskRun(task('assigned'), parts);
  run.update(task('assigned'));
  await reaches('running');
  end(last()?.container?.id ?? '', 3);
  await reaches('failed');
  expect(last()).toMatchObject({ message: 'started', error: 'task: non-zero exit (3)' });
});

it('is rejected before it starts, and fails once it does', async () => {
  const rejected = engine();
  rejected.containers.create.mockRejectedValue(fail('IMAGE_NOT_FOUND', 'nosuch:latest'));
  new TaskRun(task('assigned'), rejected.parts).update(task('assigned'));
  await rejected.reaches('rejected');
  expect(rejected.last()).toMatchObject({ message: 'preparing', error: 'No such image: nosuch:latest' });
  const failed = engine();
  failed.containers.start.mockRejectedValue(new Error('no such program'));
  new TaskRun(task('assigned'), failed.parts).update(task('assigned'));
  await failed.reaches('failed');
  expect(failed.last()).toMatchObject({ message: 'starting', error: 'no such program' });
});

it('is held ready until it is to run', async () => {
  const { parts, states, reaches, containers } = engine();
  const held = task('assigned', { desiredState: 'ready' });
  const run = new TaskRun(held, parts);
  run.update(held);
  await reaches('ready');
  expect(containers.start).not.toHaveBeenCalled();
  run.update(task('ready'));
  await reaches('running');
  expect(states()).toHaveLength(5);
});

it('runs once it is healthy, and fails where it is not', async () => {
  const well = engine({ check: true });
  new TaskRun(task('assigned'), well.parts).update(task('assigned'));
  await vi.waitFor(() => expect(well.containers.start).toHaveBeenCalled(), { interval: 1 });
  expect(well.last()?.state).toBe('starting');
  const id = well.containers.start.mock.calls[0]?.[0] ?? '';
  well.health(id, 'healthy');
  await well.reaches('running');
  well.health(id, 'unhealthy');
  await well.reaches('failed');
  expect(well.last()?.error).toBe('task: non-zero exit (143): dockerexec: unhealthy container');
});

it('is stopped with its grace, and told to be shut down', async () => {
  const { parts, last, reaches, containers } = engine();
  const spec = { ContainerSpec: { StopGracePeriod: 3e9 } };
  const run = new TaskRun(task('assigned', { spec }), parts);
  run.update(task('assigned', { spec }));
  await reaches('running');
  run.update(task('running', { spec, desiredState: 'shutdown' }));
  await reaches('shutdown');
  expect(containers.stop.mock.calls[0]).toEqual([last()?.container?.id, { timeout: 3 }]);
  expect(last()).toMatchObject({ message: 'shutdown', container: { exitCode: 143 } });
  await run.remove();
  expect(containers.remove).toHaveBeenCalledTimes(1);
});

it('is shut down while its image is being pulled', async () => {
  const { parts, states, reaches, containers } = engine();
  parts.provideImage.mockImplementation(
    ((_: SwarmTask, gone: AbortSignal) =>
      new Promise<undefined>((resolve) => gone.addEventListener('abort', () => resolve(undefined)))) as never,
  );
  const run = new TaskRun(task('assigned'), parts);
  run.update(task('assigned'));
  await reaches('preparing');
  run.update(task('preparing', { desiredState: 'shutdown' }));
  await reaches('shutdown');
  expect(states()).toEqual(['accepted', 'preparing', 'shutdown']);
  expect(containers.create).not.toHaveBeenCalled();
});

it('takes over what an earlier run of the engine has left', async () => {
  const runs = engine();
  const { id } = runs.made();
  runs.set(id, { status: 'running', pid: 9, startedAt: '2026-01-01T00:00:00Z' });
  new TaskRun(task('starting'), runs.parts).update(task('starting'));
  await runs.reaches('running');
  expect(runs.containers.start).not.toHaveBeenCalled();
  const ended = engine();
  ended.set(ended.made().id, { status: 'exited', exitCode: 5, startedAt: '2026-01-01T00:00:00Z' });
  new TaskRun(task('running'), ended.parts).update(task('running'));
  await ended.reaches('failed');
  const gone = engine();
  new TaskRun(task('running'), gone.parts).update(task('running'));
  await gone.reaches('failed');
  expect(gone.containers.create).not.toHaveBeenCalled();
});

it('stops a container whose task a manager has given up', async () => {
  const { parts, made, set, containers, states } = engine();
  const { id } = made();
  set(id, { status: 'running', pid: 9, startedAt: '2026-01-01T00:00:00Z' });
  new TaskRun(task('orphaned'), parts).update(task('orphaned'));
  await vi.waitFor(() => expect(containers.stop).toHaveBeenCalled(), { interval: 1 });
  expect(states()).toEqual([]);
});
