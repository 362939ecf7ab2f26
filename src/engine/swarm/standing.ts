/** How a member of a swarm stands, as `docker info` tells it. Pure. */
import { fail } from '../../errors.ts';
import type { NodeIdentity } from '../../manager/node-files.ts';
import { hostOfPlace } from '../../manager/places.ts';
import type { SwarmStanding } from '../../swarm/access.ts';

const twoManagers =
  'WARNING: Running Swarm in a two-manager configuration. This configuration provides\n         no fault tolerance, and poses a high risk to lose control over the cluster.\n         Refer to https://docs.docker.com/engine/swarm/admin_guide/ to configure the\n         Swarm for fault-tolerance.';

export interface Circumstances {
  readonly isLocked: boolean;
  /** It is a manager that serves. */
  readonly isManager: boolean;
  /** A manager has welcomed it since it began. */
  readonly isWelcomed: boolean;
  /** '' while all is well. */
  readonly error: string;
  readonly warnings: readonly string[];
}

export function standingOf(
  { nodeId, advertise, role, managers, dataPath }: NodeIdentity,
  { isLocked, isManager, isWelcomed, error, warnings }: Circumstances,
): SwarmStanding {
  const address = hostOfPlace(advertise);
  const base = {
    nodeId,
    address,
    dataAddress: dataPath || address,
    managers,
    warnings,
    error,
    isManager,
  };
  if (isLocked) {
    const { message } = fail('SWARM_LOCKED');
    return { ...base, state: 'locked', isManager: false, error: message, nodeId: '', managers: [] };
  }
  if (error) return { ...base, state: 'error' };
  const isReady = role === 'manager' ? isManager : isWelcomed;
  const two = managers.length === 2 && role === 'manager' ? [twoManagers] : [];
  return { ...base, state: isReady ? 'active' : 'pending', warnings: [...two, ...warnings] };
}
