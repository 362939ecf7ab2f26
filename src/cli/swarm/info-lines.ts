/** What `info` says of a swarm. */
import { humanDuration } from '../../go/duration.ts';
import type { SwarmSpec } from './cluster.ts';

/** The part of `GET /info` about the swarm. */
export interface SwarmState {
  readonly NodeID?: string;
  readonly NodeAddr?: string;
  readonly LocalNodeState?: string;
  readonly ControlAvailable?: boolean;
  readonly Error?: string;
  readonly RemoteManagers?: readonly { readonly Addr: string }[] | null;
  readonly Nodes?: number;
  readonly Managers?: number;
  readonly Cluster?: {
    readonly ID: string;
    readonly Spec: SwarmSpec & {
      readonly Raft?: { readonly HeartbeatTick?: number; readonly ElectionTick?: number };
    };
    readonly RootRotationInProgress?: boolean;
    readonly DefaultAddrPool?: readonly string[] | null;
    readonly SubnetSize?: number;
    readonly DataPathPort?: number;
  };
}

type Line = readonly [depth: number, text: string];

const spanOf = (nanoseconds = 0): string => humanDuration(nanoseconds / 1e6);

export function swarmLines(swarm: SwarmState): Line[] {
  const { LocalNodeState: state = 'inactive', Error: error = '' } = swarm;
  const first: Line = [1, `Swarm: ${state}`];
  if (state === 'inactive' || state === 'locked') return [first];
  const managers = (swarm.RemoteManagers ?? []).map(({ Addr }) => Addr).sort();
  const managing = swarm.ControlAvailable === true && error === '' && state !== 'error';
  return [
    first,
    [2, `NodeID: ${swarm.NodeID ?? ''}`],
    ...(error === '' ? [] : [[2, `Error: ${error}`] as const]),
    [2, `Is Manager: ${swarm.ControlAvailable ?? false}`],
    ...(managing ? clusterLines(swarm) : []),
    [2, `Node Address: ${swarm.NodeAddr ?? ''}`],
    ...(managers.length === 0 ? [] : [[2, 'Manager Addresses:'] as const]),
    ...managers.map((address): Line => [3, address]),
  ];
}

function clusterLines({ Cluster: cluster, Managers = 0, Nodes = 0 }: SwarmState): Line[] {
  if (cluster === undefined) return [];
  const { Spec: spec, DefaultAddrPool: pools, DataPathPort: port = 0 } = cluster;
  return [
    [2, `ClusterID: ${cluster.ID}`],
    [2, `Managers: ${Managers}`],
    [2, `Nodes: ${Nodes}`],
    ...(pools
      ? ([
          [2, `Default Address Pool: ${pools.map((pool) => `${pool}  `).join('')}`],
          [2, `SubnetSize: ${cluster.SubnetSize ?? 0}`],
        ] as const)
      : []),
    ...(port > 0 ? [[2, `Data Path Port: ${port}`] as const] : []),
    ...specLines(spec),
    [2, `Autolock Managers: ${spec.EncryptionConfig?.AutoLockManagers ?? false}`],
    [2, `Root Rotation In Progress: ${cluster.RootRotationInProgress ?? false}`],
  ];
}

function specLines(spec: NonNullable<SwarmState['Cluster']>['Spec']): Line[] {
  const { Orchestration, Raft = {}, Dispatcher, CAConfig = {} } = spec;
  const external = (CAConfig.ExternalCAs ?? []) as readonly { Protocol?: string; URL?: string }[];
  return [
    [2, 'Orchestration:'],
    [3, `Task History Retention Limit: ${Orchestration?.TaskHistoryRetentionLimit ?? 0}`],
    [2, 'Raft:'],
    [3, `Snapshot Interval: ${Raft.SnapshotInterval ?? 0}`],
    ...(Raft.KeepOldSnapshots === undefined
      ? []
      : [[3, `Number of Old Snapshots to Retain: ${Raft.KeepOldSnapshots}`] as const]),
    [3, `Heartbeat Tick: ${Raft.HeartbeatTick ?? 0}`],
    [3, `Election Tick: ${Raft.ElectionTick ?? 0}`],
    [2, 'Dispatcher:'],
    [3, `Heartbeat Period: ${spanOf(Dispatcher?.HeartbeatPeriod)}`],
    [2, 'CA Configuration:'],
    [3, `Expiry Duration: ${spanOf(CAConfig.NodeCertExpiry)}`],
    [3, `Force Rotate: ${CAConfig.ForceRotate ?? 0}`],
    ...(external.length === 0 ? [] : [[3, 'External CAs:'] as const]),
    ...external.map(({ Protocol = '', URL = '' }): Line => [5, `${Protocol}: ${URL}`]),
  ];
}
