/** Changes of the swarm as a whole: its spec, tokens and unlock key. Pure: new tokens and keys are handed in. */
import { fail } from '../../errors.ts';
import { timeText } from '../../swarm/context.ts';
import type { SwarmChange, SwarmTransition } from '../../swarm/records.ts';
import type { ClusterSpec } from '../../swarm/spec.ts';
import type { Rotate } from '../swarm-verbs.ts';
import { checkSpec, fillSpec } from './cluster-spec.ts';

export interface SwarmUpdate {
  readonly spec: ClusterSpec;
  readonly version: number;
  readonly rotate: Rotate;
  readonly newToken: (rootCa: string) => string;
  readonly newUnlockKey: () => string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The result is the unlock key by then; '' without autolock. Throws SWARM_OUT_OF_SEQUENCE, SWARM_INVALID. */
export const updateSwarm =
  ({ spec, version, rotate, newToken, newUnlockKey, now }: SwarmUpdate): SwarmTransition<string> =>
  (view) => {
    const [cluster] = view.all('cluster');
    const [keys] = view.all('keys');
    if (!cluster || !keys) throw fail('SWARM_PREPARING');
    if (cluster.version !== version) throw fail('SWARM_OUT_OF_SEQUENCE');
    const filled = fillSpec(spec);
    checkSpec(filled);
    refuseRotation(cluster.spec, filled);
    const updatedAt = timeText(now);
    const isLocked = filled.EncryptionConfig.AutoLockManagers;
    const isNewKey = isLocked && (rotate.unlockKey || keys.unlockKey === '');
    const kept = isLocked ? keys.unlockKey : '';
    const unlockKey = isNewKey ? newUnlockKey() : kept;
    const changes: readonly SwarmChange[] = [
      { table: 'cluster', put: { ...cluster, spec: filled, updatedAt } },
      {
        table: 'keys',
        put: {
          ...{ ...keys, updatedAt, unlockKey },
          workerToken: rotate.workerToken ? newToken(cluster.rootCa) : keys.workerToken,
          managerToken: rotate.managerToken ? newToken(cluster.rootCa) : keys.managerToken,
        },
      },
    ];
    return { changes, result: unlockKey };
  };

/** Throws NOT_SUPPORTED: the root CA stays as it is. */
function refuseRotation({ CAConfig: before }: ClusterSpec, { CAConfig: after }: ClusterSpec): void {
  const isSame =
    (before.ForceRotate ?? 0) === (after.ForceRotate ?? 0) && !after.SigningCACert && !after.SigningCAKey;
  if (!isSame) throw fail('NOT_SUPPORTED', 'rotating the root CA of a swarm');
}
