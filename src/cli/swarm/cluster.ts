/** The swarm's own spec, and the texts that `swarm init` and its neighbours print. */
import type { Client } from '#client/client.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import type { SpecFlags } from './cluster-flags.ts';
import type { Node, SwarmObject, TlsInfo } from './types.ts';

export interface SwarmSpec {
  Orchestration?: { TaskHistoryRetentionLimit?: number };
  Raft?: { SnapshotInterval?: number; KeepOldSnapshots?: number };
  Dispatcher?: { HeartbeatPeriod?: number };
  CAConfig?: {
    NodeCertExpiry?: number;
    ExternalCAs?: readonly object[];
    SigningCACert?: string;
    SigningCAKey?: string;
    ForceRotate?: number;
  };
  EncryptionConfig?: { AutoLockManagers?: boolean };
}

export interface Cluster extends SwarmObject<SwarmSpec> {
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
  readonly TLSInfo?: TlsInfo;
  readonly RootRotationInProgress?: boolean;
}

interface Given {
  readonly given: ReadonlySet<string>;
}

type CaFlags = Pick<SpecFlags, 'certExpiry' | 'externalCa'>;

/** The flags of certificates over what the spec has. */
export function changeCa(spec: SwarmSpec, { flags, given }: Given & { readonly flags: CaFlags }): void {
  if (given.has('certExpiry')) spec.CAConfig = { ...spec.CAConfig, NodeCertExpiry: flags.certExpiry };
  if (given.has('externalCa')) spec.CAConfig = { ...spec.CAConfig, ExternalCAs: flags.externalCa };
}

/** All flags over what the spec has. */
export function changeSpec(spec: SwarmSpec, call: Given & { readonly flags: SpecFlags }): void {
  const { flags, given } = call;
  if (given.has('taskHistory'))
    spec.Orchestration = { ...spec.Orchestration, TaskHistoryRetentionLimit: flags.taskHistory };
  if (given.has('heartbeat')) spec.Dispatcher = { ...spec.Dispatcher, HeartbeatPeriod: flags.heartbeat };
  changeCa(spec, call);
  if (given.has('maxSnapshots')) spec.Raft = { ...spec.Raft, KeepOldSnapshots: flags.maxSnapshots };
  if (given.has('snapshotInterval')) spec.Raft = { ...spec.Raft, SnapshotInterval: flags.snapshotInterval };
  if (given.has('autolock'))
    spec.EncryptionConfig = { ...spec.EncryptionConfig, AutoLockManagers: flags.autolock };
}

export interface Rotation {
  readonly rotateWorkerToken?: boolean;
  readonly rotateManagerToken?: boolean;
  readonly rotateManagerUnlockKey?: boolean;
}

export async function updateSwarm(
  engine: Client,
  { Version, Spec }: Pick<Cluster, 'Version' | 'Spec'>,
  { rotateWorkerToken = false, rotateManagerToken = false, rotateManagerUnlockKey = false }: Rotation = {},
): Promise<void> {
  const query = {
    rotateManagerToken: String(rotateManagerToken),
    rotateManagerUnlockKey: String(rotateManagerUnlockKey),
    rotateWorkerToken: String(rotateWorkerToken),
    version: Version.Index,
  };
  await engine.text('POST', '/swarm/update', { json: Spec, query });
}

/** The `availability` of a request. Throws `CliError`. */
export function availabilityOf(
  { availability }: { readonly availability: string },
  { given }: Given,
): string | undefined {
  if (!given.has('availability')) return undefined;
  const value = availability.toLowerCase();
  if (!['active', 'pause', 'drain'].includes(value))
    throw new CliError(
      `invalid availability ${JSON.stringify(availability)}, only active, pause and drain are supported`,
    );
  return value;
}

export type Role = 'worker' | 'manager';

/** How another node joins by way of this one. Nothing where that node manages no swarm. */
export async function printJoinCommand(context: Context, nodeId: string, role: Role): Promise<void> {
  const engine = await context.engine();
  const node = await engine.get<Node>(`/nodes/${encodeURIComponent(nodeId)}`);
  const { JoinTokens } = await engine.get<Cluster>('/swarm');
  if (node.ManagerStatus === undefined) return;
  const token = role === 'worker' ? JoinTokens.Worker : JoinTokens.Manager;
  const command = `${context.program} swarm join --token ${token} ${node.ManagerStatus.Addr ?? ''}`;
  await context.print(`To add a ${role} to this swarm, run the following command:\n\n    ${command}\n\n`);
}

export const unlockKey = async (engine: Client): Promise<string> =>
  (await engine.get<{ UnlockKey?: string }>('/swarm/unlockkey')).UnlockKey ?? '';

export async function printUnlockCommand(context: Context, key: string): Promise<void> {
  if (key === '') return;
  await context.print(
    `To unlock a swarm manager after it restarts, run the \`${context.program} swarm unlock\`
command and provide the following key:

    ${key}

Remember to store this key in a password manager, since without it you
will not be able to restart the manager.
`,
  );
}
