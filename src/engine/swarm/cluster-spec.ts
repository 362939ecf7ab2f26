/** The spec of a whole swarm: Docker's defaults and checks. Pure. */
import { fail } from '../../errors.ts';
import type { ClusterSpec } from '../../swarm/spec.ts';

const second = 1e9;
const leastExpiry = 3_600 * second;

const defaults = {
  Orchestration: { TaskHistoryRetentionLimit: 5 },
  Raft: {
    ...{ SnapshotInterval: 10_000, KeepOldSnapshots: 0, LogEntriesForSlowFollowers: 500 },
    ...{ ElectionTick: 10, HeartbeatTick: 1 },
  },
  Dispatcher: { HeartbeatPeriod: 5 * second },
  CAConfig: { NodeCertExpiry: 90 * 24 * 3_600 * second },
};

/** What a request leaves out, or has as zero. */
export function fillSpec(spec: Partial<ClusterSpec>): ClusterSpec {
  const { Raft = defaults.Raft, CAConfig = {}, Dispatcher = {}, Orchestration = {} } = spec;
  return {
    Name: 'default',
    Labels: spec.Labels ?? {},
    Orchestration: { ...defaults.Orchestration, ...defined(Orchestration) },
    Raft: { ...defaults.Raft, ...positive(Raft) },
    Dispatcher: { ...defaults.Dispatcher, ...positive(Dispatcher) },
    CAConfig: { ...CAConfig, NodeCertExpiry: CAConfig.NodeCertExpiry || defaults.CAConfig.NodeCertExpiry },
    TaskDefaults: spec.TaskDefaults ?? {},
    EncryptionConfig: { AutoLockManagers: spec.EncryptionConfig?.AutoLockManagers ?? false },
  };
}

const entriesOf = <T extends object>(given: T, wanted: (value: unknown) => boolean): Partial<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => wanted(value))) as Partial<T>;
const defined = <T extends object>(given: T): Partial<T> =>
  entriesOf(given, (value) => value !== undefined && value !== null);
const positive = <T extends object>(given: T): Partial<T> =>
  entriesOf(given, (value) => typeof value === 'number' && value !== 0);

/** Throws SWARM_INVALID. */
export function checkSpec({ CAConfig, Dispatcher }: ClusterSpec): void {
  const { NodeCertExpiry = 0 } = CAConfig;
  if (NodeCertExpiry < leastExpiry) throw fail('SWARM_INVALID', 'minimum certificate expiry time is: 1h0m0s');
  if ((Dispatcher.HeartbeatPeriod ?? 0) < 0)
    throw fail('SWARM_INVALID', 'heartbeat time period cannot be a negative duration');
  if (CAConfig.SigningCAKey && !CAConfig.SigningCACert)
    throw fail('SWARM_INVALID', 'if a signing CA key is provided, the signing CA cert must also be provided');
  if (CAConfig.ExternalCAs && CAConfig.ExternalCAs.length > 0)
    throw fail('NOT_SUPPORTED', 'an external CA of a swarm');
}
