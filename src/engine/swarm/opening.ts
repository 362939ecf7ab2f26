/** Opens this node's manager with the identity and keys that the node keeps. */
import { Manager, type ManagerOptions } from '../../manager/manager.ts';
import type { ManagerKeys, NodeIdentity } from '../../manager/node-files.ts';
import { hostOfPlace } from '../../manager/places.ts';
import type { Credentials } from '../../manager/root-ca.ts';
import { readPlace } from './addresses.ts';
import type { MemberOptions } from './member.ts';
import { admitted, dataFolder } from './roles.ts';

export type Opening = Pick<ManagerOptions, 'first' | 'isForced'>;

export interface Kept {
  readonly identity: NodeIdentity;
  readonly node: Credentials;
  readonly manager: ManagerKeys;
}

/** Throws SWARM_STORE. */
export function openManager(
  { files, run, cgroups, logger }: Pick<MemberOptions, 'files' | 'run' | 'cgroups' | 'logger'>,
  { identity, node, manager: keys }: Kept,
  options: Opening & Pick<ManagerOptions, 'kept'>,
): Promise<Manager> {
  const { nodeId, clusterId, rootCa, listen, advertise, managers, others = [] } = identity;
  const place = readPlace(listen, listen);
  return Manager.open({
    ...{ data: dataFolder(files), run, cgroups, keys, node, rootCa, logger, listen: place },
    member: {
      ...{ nodeId, clusterId, listen: place.host, advertise: hostOfPlace(advertise) },
      ...{ others, isNew: others.length === 0, isAlone: managers.length <= 1 && others.length === 0 },
    },
    admitted: () => admitted({ identity, keys: { node } }),
    ...options,
  });
}
