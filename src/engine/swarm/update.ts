/** Changes of the swarm as a whole: its spec, tokens and unlock key. Pure: new tokens and keys are handed in. */
import { fail } from '../../errors.ts';
import type { NextRoot } from '../../manager/root-rotation.ts';
import { withNextRoot } from '../../manager/root-rotation.ts';
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
  /** Where the spec asks for another root CA. */
  readonly next?: NextRoot | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The result is the unlock key by then; '' without autolock. Throws SWARM_OUT_OF_SEQUENCE, SWARM_INVALID. */
export const updateSwarm =
  ({ spec, version, rotate, newToken, newUnlockKey, next, now }: SwarmUpdate): SwarmTransition<string> =>
  (view) => {
    const [cluster] = view.all('cluster');
    const [keys] = view.all('keys');
    if (!cluster || !keys) throw fail('SWARM_PREPARING');
    if (cluster.version !== version) throw fail('SWARM_OUT_OF_SEQUENCE');
    const filled = fillSpec(spec);
    checkSpec(filled);
    const updatedAt = timeText(now);
    const isLocked = filled.EncryptionConfig.AutoLockManagers;
    const isNewKey = isLocked && (rotate.unlockKey || keys.unlockKey === '');
    const kept = isLocked ? keys.unlockKey : '';
    const unlockKey = isNewKey ? newUnlockKey() : kept;
    const rotated = next ? withNextRoot({ cluster, keys }, next) : { cluster, keys };
    const changes: readonly SwarmChange[] = [
      { table: 'cluster', put: { ...rotated.cluster, spec: withoutCa(filled), updatedAt } },
      {
        table: 'keys',
        put: {
          ...{ ...rotated.keys, updatedAt, unlockKey },
          workerToken: rotate.workerToken ? newToken(cluster.rootCa) : keys.workerToken,
          managerToken: rotate.managerToken ? newToken(cluster.rootCa) : keys.managerToken,
        },
      },
    ];
    return { changes, result: unlockKey };
  };

/** The CA that it brings is kept with the keys, and shown to nobody. */
function withoutCa(spec: ClusterSpec): ClusterSpec {
  const { SigningCACert: _certificate, SigningCAKey: _key, ...ca } = spec.CAConfig;
  return { ...spec, CAConfig: ca };
}
