/** Membership of this node, with what only members need. Loaded when there is one, or is to be one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../errors.ts';
import { NodeFiles } from '../../manager/node-files.ts';
import { newToken, newUnlockKey } from '../../manager/tokens.ts';
import { contains, parseAddress, parseCidr } from '../../net/address.ts';
import { monitorFolders } from '../../runtime/cgroup.ts';
import { readCgroupTrees } from '../../runtime/host-facts.ts';
import type { SwarmStore } from '../../swarm/access.ts';
import type { Core } from '../core.ts';
import type { InitRequest, JoinRequest } from '../swarm-verbs.ts';
import { ActiveMember } from './active-member.ts';
import type { HostAddresses } from './addresses.ts';
import { type Initializing, initSwarm } from './init.ts';
import { joinSwarm } from './join.ts';
import { type SwarmUpdate, updateSwarm } from './update.ts';

export type Membership = Pick<Core, 'config' | 'kernel' | 'logger' | 'model' | 'swarm'>;

const optionsOf = (core: Membership): Omit<Initializing, 'machine' | 'mtuOf' | 'defaultAdvertise'> => {
  const { config, logger, swarm } = core;
  const own = readFileSync('/proc/self/cgroup', 'utf8');
  const cgroup = join('/', `${config.cgroupParent || 'seaway'}-swarm`);
  return {
    files: new NodeFiles(join(config.dataRoot, 'swarm')),
    run: join(config.execRoot, 'swarm'),
    cgroups: monitorFolders(readCgroupTrees(), own, cgroup),
    logger,
    changed: () => void swarm.changed(),
    removed: () => {
      logger.warn('the managers have removed this node from the swarm');
      void leave(core).catch((error) => logger.error('leaving the swarm', { error }));
    },
  };
};

function machineOf({ kernel, model }: Membership): HostAddresses {
  const { route } = kernel.host;
  const pools = Array.from(model.all('networks')).flatMap(({ ipam }) =>
    ipam.pools.map(({ subnet }) => parseCidr(subnet)),
  );
  return {
    ...{ links: route.listLinks(), addresses: route.listAddresses() },
    isOwn: (address) => pools.some((pool) => contains(pool, parseAddress(address))),
  };
}

export async function init(core: Membership, request: InitRequest): Promise<string> {
  const { swarm, kernel, config } = core;
  const mtuOf = (address: string): number => {
    const { route } = kernel.host;
    const link = route.listAddresses().find((one) => one.address.split('/')[0] === address)?.link;
    return route.listLinks().find(({ index }) => index === link)?.mtu ?? 1500;
  };
  const defaultAdvertise = config.swarm.advertiseAddress;
  return swarm.entering(async () => {
    const member = await initSwarm(request, {
      ...{ ...optionsOf(core), machine: machineOf(core), mtuOf, defaultAdvertise },
    });
    await swarm.enter(member);
    return member.identity.nodeId;
  });
}

/** Milliseconds that a user waits. */
const patience = 20_000;

/** Resolves once a manager has welcomed the node. */
export async function joinAs(core: Membership, request: JoinRequest): Promise<void> {
  const { swarm, config } = core;
  const over = new AbortController();
  await swarm.entering(async () => {
    const timer = setTimeout(() => over.abort(fail('SWARM_JOIN_TIMEOUT')), patience);
    try {
      const member = await joinSwarm(request, {
        ...{ ...optionsOf(core), machine: machineOf(core), signal: over.signal },
        defaultAdvertise: config.swarm.advertiseAddress,
      });
      const active = swarm.becomes('active', over.signal);
      await swarm.enter(member);
      member.begin();
      await active;
    } catch (thrown) {
      throw over.signal.aborted ? over.signal.reason : thrown;
    } finally {
      clearTimeout(timer);
    }
  });
}

/** Throws SWARM_NOT_LOCKED, SWARM_KEY_INVALID. Resolves once the node is a member again. */
export async function unlock({ swarm }: Pick<Core, 'swarm'>, key: string): Promise<void> {
  const { member } = swarm;
  if (!(member instanceof ActiveMember)) throw fail('NOT_IN_SWARM');
  const active = swarm.becomes('active', AbortSignal.timeout(patience));
  active.catch(() => undefined);
  member.unlock(key);
  await active;
}

/** The spec, tokens and unlock key of the swarm. */
export async function update(
  store: SwarmStore,
  request: Pick<SwarmUpdate, 'spec' | 'version' | 'rotate'>,
): Promise<void> {
  await store.transact(updateSwarm({ ...request, newToken, newUnlockKey, now: Date.now() }));
}

/** At the engine's start: a node that was a member is one again. Nothing waits for the managers. */
export async function resume(core: Membership): Promise<void> {
  const options = optionsOf(core);
  const identity = options.files.identity();
  if (!identity) return;
  const keys = options.files.isLocked ? undefined : options.files.keys();
  const member = new ActiveMember({ ...options, identity, keys });
  await core.swarm.enter(member);
  member.begin();
}

/** The node's tasks are gone once it resolves. Throws NOT_IN_SWARM. */
export async function leave({ swarm }: Pick<Core, 'swarm'>): Promise<void> {
  const { member } = swarm;
  if (!(member instanceof ActiveMember)) throw fail('NOT_IN_SWARM');
  await swarm.clear();
  await member.leave();
  await swarm.left();
}
