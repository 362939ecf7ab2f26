/** `Spec` of a swarm: what a request does not say stays as it is. */
import { fail } from '../../errors.ts';
import type { ClusterSpec, LogDriver } from '../../swarm/spec.ts';
import type { ClusterSpecBody } from '../schemas/swarm.ts';
import { omitEmpty } from './omit-empty.ts';

/** Of a swarm that nothing was said of. */
export const clusterDefaults: ClusterSpec = {
  Name: 'default',
  Labels: {},
  Orchestration: { TaskHistoryRetentionLimit: 5 },
  Raft: {
    SnapshotInterval: 10_000,
    KeepOldSnapshots: 0,
    LogEntriesForSlowFollowers: 500,
    ElectionTick: 10,
    HeartbeatTick: 1,
  },
  Dispatcher: { HeartbeatPeriod: 5_000_000_000 },
  CAConfig: { NodeCertExpiry: 90 * 24 * 3600 * 1_000_000_000 },
  TaskDefaults: {},
  EncryptionConfig: { AutoLockManagers: false },
};

/** Throws BAD_REQUEST. */
export function clusterSpec(body: ClusterSpecBody, base: ClusterSpec): ClusterSpec {
  if (body.Name && body.Name !== 'default') throw fail('BAD_REQUEST', 'swarm spec must be named "default"');
  const { Orchestration = {}, Raft = {}, CAConfig = {}, TaskDefaults = {}, EncryptionConfig = {} } = body;
  const { ForceRotate: forceRotate = 0, ...ca } = CAConfig;
  const { KeepOldSnapshots: kept, ...raft } = Raft;
  const history = Orchestration.TaskHistoryRetentionLimit;
  return {
    Name: 'default',
    Labels: omitEmpty({ labels: body.Labels }).labels ?? base.Labels,
    Orchestration: history === undefined ? base.Orchestration : { TaskHistoryRetentionLimit: history },
    Raft: { ...base.Raft, ...omitEmpty(raft), ...(kept !== undefined && { KeepOldSnapshots: kept }) },
    Dispatcher: { ...base.Dispatcher, ...omitEmpty(body.Dispatcher ?? {}) },
    CAConfig: { ...base.CAConfig, ...omitEmpty(ca), ForceRotate: forceRotate },
    TaskDefaults: TaskDefaults.LogDriver ? { LogDriver: logDriver(TaskDefaults.LogDriver) } : {},
    EncryptionConfig: { AutoLockManagers: EncryptionConfig.AutoLockManagers ?? false },
  };
}

export const logDriver = ({ Name = '', Options }: Partial<LogDriver>): LogDriver => ({
  Name,
  ...omitEmpty({ Options }),
});
