import { expect, it } from 'vitest';
import { service } from '../../test/swarm/fixture.ts';
import { completeMode, updateConfig, withDefaults } from './defaults.ts';

it("defaults are Docker's, and what is given stays", () => {
  const { TaskTemplate, UpdateConfig, RollbackConfig } = withDefaults(
    service('web', { task: { RestartPolicy: { Condition: 'none', Window: 7 } } }),
  );
  expect(TaskTemplate).toEqual({
    ContainerSpec: { Image: 'busybox', StopGracePeriod: 10e9, DNSConfig: {} },
    Resources: {},
    RestartPolicy: { Condition: 'none', Delay: 5e9, MaxAttempts: 0, Window: 7 },
    Placement: {},
  });
  const update = {
    Parallelism: 1,
    FailureAction: 'pause',
    Monitor: 5e9,
    MaxFailureRatio: 0,
    Order: 'stop-first',
  };
  expect([UpdateConfig, RollbackConfig]).toEqual([update, update]);
});

it('a config of updates without a parallelism updates all at once', () => {
  expect(updateConfig({ FailureAction: 'rollback', Monitor: 0 })).toEqual({
    ...{ Parallelism: 0, FailureAction: 'rollback', Monitor: 5e9, MaxFailureRatio: 0, Order: 'stop-first' },
  });
});

it('a job completes as many tasks as run at once, where nothing is said', () => {
  expect([completeMode(undefined), completeMode({ ReplicatedJob: { MaxConcurrent: 3 } })]).toEqual([
    { Replicated: { Replicas: 1 } },
    { ReplicatedJob: { MaxConcurrent: 3, TotalCompletions: 3 } },
  ]);
});
