/** Verbs of the swarm as a whole, and of this node in it. */
import { fail } from '../../errors.ts';
import { wantedRoot } from '../../manager/root-rotation.ts';
import { issuerOf } from '../../manager/subject.ts';
import type { SwarmKeys } from '../../swarm/records.ts';
import type { InitRequest, SwarmDetail, SwarmVerbs } from '../swarm-verbs.ts';
import type { Membership } from './membership.ts';
import type { Swarm } from './swarm.ts';

export type MembershipVerbs = Omit<
  SwarmVerbs,
  'state' | 'nodes' | 'services' | 'tasks' | 'secrets' | 'configs'
>;

/** What only members need. */
const late = () => import('./membership.ts');

export function membershipVerbs(core: Membership): MembershipVerbs {
  const { swarm } = core;
  return {
    standing: () => swarm.standing(),
    checkManager: () => void swarm.store(),
    counts: () => countsOf(swarm),
    init: async (request) => {
      if (swarm.standing().state !== 'inactive' && !request.forceNewCluster) throw fail('SWARM_ALREADY');
      refuseNoAddress(request);
      return (await late()).init(core, request);
    },
    join: async (request) => {
      if (swarm.standing().state !== 'inactive') throw fail('SWARM_ALREADY');
      refuseNoAddress(request);
      await (await late()).joinAs(core, request);
    },
    leave: async ({ force }) => {
      if (swarm.standing().state === 'inactive') throw fail('NOT_IN_SWARM');
      if (!force) refuseManager(swarm);
      await (await late()).leave(core);
    },
    inspect: () => inspect(swarm),
    update: async (spec, options) => {
      const store = swarm.store();
      await (await late()).update(store, { spec, ...options });
    },
    unlockKey: () => keysOf(swarm).unlockKey,
    unlock: async (key) => {
      if (swarm.standing().state !== 'locked') {
        // on a node that is no manager that is the error
        swarm.store();
        throw fail('SWARM_NOT_LOCKED');
      }
      await (await late()).unlock(core, key);
    },
  };
}

/** Docker's CLI always sends one. */
function refuseNoAddress({ listenAddress }: Pick<InitRequest, 'listenAddress'>): void {
  if (listenAddress === '') throw fail('SWARM_ADDRESS', 'invalid ListenAddr "": invalid empty address');
}

function countsOf(swarm: Swarm): ReturnType<SwarmVerbs['counts']> {
  if (!swarm.standing().isManager) return undefined;
  const { view } = swarm.store();
  const [cluster] = view.all('cluster');
  const nodes = [...view.all('nodes')];
  return cluster && { nodes: nodes.length, managers: nodes.filter(({ manager }) => manager).length, cluster };
}

function keysOf(swarm: Swarm): SwarmKeys {
  const [keys] = swarm.store().view.all('keys');
  if (!keys) throw fail('SWARM_PREPARING');
  return keys;
}

function inspect(swarm: Swarm): SwarmDetail {
  const keys = keysOf(swarm);
  const [cluster] = swarm.store().view.all('cluster');
  if (!cluster) throw fail('SWARM_PREPARING');
  const { subject: issuerSubject, publicKey: issuerPublicKey } = issuerOf(wantedRoot(cluster));
  return {
    cluster,
    tokens: { worker: keys.workerToken, manager: keys.managerToken },
    tls: { trustRoot: cluster.rootCa, issuerSubject, issuerPublicKey },
  };
}

const asManager = 'You are attempting to leave the swarm on a node that is participating as a manager. ';

const withForce =
  'The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message.';

/** Throws SWARM_LEAVE_MANAGER, in Docker's words, for every manager: what it has on its disk is gone afterwards. */
function refuseManager(swarm: Swarm): void {
  const { state } = swarm.standing();
  if (state === 'locked')
    throw fail(
      'SWARM_LEAVE_MANAGER',
      'Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message.',
    );
  if (swarm.member.role !== 'manager') return;
  const what = swarm.isManaging
    ? lossOf(swarm)
    : `Doing so may lose the consensus of your cluster. ${withForce}`;
  throw fail('SWARM_LEAVE_MANAGER', `${asManager}${what}`);
}

/** What the swarm loses with this manager. */
function lossOf(swarm: Swarm): string {
  const managers = Array.from(swarm.store().view.all('nodes')).filter(({ manager }) => manager);
  if (managers.length === 1)
    return 'Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message. ';
  const reachable = managers.filter(({ manager }) => manager?.reachability === 'reachable').length;
  const losesMajority = reachable - 2 <= managers.length - reachable;
  const left = `Removing this node leaves ${reachable - 1} managers out of ${managers.length}. `;
  return `${losesMajority ? `${left}Without a Raft quorum your swarm will be inaccessible. ` : ''}${withForce}`;
}
