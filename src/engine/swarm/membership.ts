/** Membership of this node, with what only members need. Loaded when there is one, or is to be one. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { fail, messageOf } from '../../errors.ts';
import { peerPort } from '../../manager/etcd-flags.ts';
import { NodeFiles } from '../../manager/node-files.ts';
import { newToken, newUnlockKey } from '../../manager/tokens.ts';
import { usualDataPort } from '../../model/node.ts';
import { contains, parseAddress, parseCidr } from '../../net/address.ts';
import { monitorFolders } from '../../runtime/cgroup.ts';
import { readCgroupTrees } from '../../runtime/host-facts.ts';
import type { SwarmStore } from '../../swarm/access.ts';
import type { Core } from '../core.ts';
import type { InitRequest, JoinRequest } from '../swarm-verbs.ts';
import { ActiveMember } from './active-member.ts';
import { type HostAddresses, hostOf } from './addresses.ts';
import { foreignMarks } from './foreign-marks.ts';
import { type Initializing, initSwarm } from './init.ts';
import { joinSwarm } from './join.ts';
import { JoiningMember } from './joining-member.ts';
import { nextRoot } from './next-root.ts';
import { meshWarnings, refuseTakenPorts, type WantedPort } from './preflight.ts';
import { type SwarmUpdate, updateSwarm } from './update.ts';

export type Membership = Pick<Core, 'config' | 'kernel' | 'logger' | 'model' | 'swarm'>;

const optionsOf = (core: Membership): Omit<Initializing, 'machine' | 'mtuOf' | 'defaultAdvertise'> => {
  const { config, logger, swarm } = core;
  const warnings: string[] = [];
  const warn = (found: readonly string[]): void => {
    for (const warning of found) logger.warn(warning.replace(/^WARNING: /, ''));
    warnings.push(...found);
  };
  warn(meshWarnings(core.kernel.host.route));
  // nothing waits for programs that list rules
  void foreignMarks(logger).then(warn);
  const own = readFileSync('/proc/self/cgroup', 'utf8');
  const cgroup = join('/', `${config.cgroupParent || 'seaway'}-swarm`);
  return {
    files: new NodeFiles(join(config.dataRoot, 'swarm')),
    run: join(config.execRoot, 'swarm'),
    cgroups: monitorFolders(readCgroupTrees(), own, cgroup),
    logger,
    warnings,
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
  if (request.forceNewCluster && swarm.standing().state !== 'inactive') return forceNew(core, request);
  const mtuOf = (address: string): number => {
    const { route } = kernel.host;
    const link = route.listAddresses().find((one) => one.address.split('/')[0] === address)?.link;
    return route.listLinks().find(({ index }) => index === link)?.mtu ?? 1500;
  };
  const defaultAdvertise = config.swarm.advertiseAddress;
  const nodeId = await swarm.entering(async () => {
    await refuseTakenPorts(kernel.host, wantedBy(request));
    const member = await initSwarm(request, {
      ...{ ...optionsOf(core), machine: machineOf(core), mtuOf, defaultAdvertise },
    });
    await swarm.enter(member);
    return member.identity.nodeId;
  });
  await firstNode(core, nodeId);
  return nodeId;
}

/** The port for nodes is refused when it is opened. */
function wantedBy({ listenAddress, dataPathPort }: InitRequest): readonly WantedPort[] {
  const host = listenAddress.replace(/:\d+$/, '');
  const what = 'of the managers among each other';
  return [
    { protocol: 'tcp', port: peerPort, what, ...(isIP(host) !== 0 && { host }) },
    tunnelsPort(dataPathPort || usualDataPort),
  ];
}

const tunnelsPort = (port: number): WantedPort => ({
  ...{ protocol: 'udp', port },
  what: 'of the tunnels between nodes (swarm init --data-path-port)',
});

/** Milliseconds that a new swarm waits for its first node. */
const readyWithin = 5_000;

/** Until the node has a session with itself, so that `node ls` shows it ready from the beginning. */
async function firstNode({ swarm }: Pick<Core, 'swarm'>, nodeId: string): Promise<void> {
  if (!swarm.isManaging) return;
  const store = swarm.store();
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (store.view.get('nodes', nodeId)?.status.state === 'ready') resolve();
  };
  const stop = store.onChange(look);
  const timer = setTimeout(resolve, readyWithin);
  look();
  await promise;
  clearTimeout(timer);
  stop();
}

/** This manager goes on without the others. Throws NOT_SWARM_MANAGER, SWARM_ADDRESS. */
async function forceNew({ swarm }: Pick<Core, 'swarm'>, request: InitRequest): Promise<string> {
  const { member } = swarm;
  if (!(member instanceof ActiveMember) || member.identity.role !== 'manager') throw fail('SWARM_WORKER');
  const asked = request.advertiseAddress;
  if (asked && hostOf(asked) !== hostOf(member.identity.advertise))
    throw fail('SWARM_ADDRESS', 'a manager keeps its advertised address with --force-new-cluster');
  await member.forceNew();
  return member.identity.nodeId;
}

/** Milliseconds that a user waits. */
const patience = 20_000;

/** Resolves once a manager has welcomed the node. Throws SWARM_JOIN_TIMEOUT after a while, and goes on. */
export async function joinAs(core: Membership, request: JoinRequest): Promise<void> {
  const { swarm, logger } = core;
  const work = swarm.entering(async () => {
    const joining = new JoiningMember();
    await swarm.enter(joining);
    try {
      await joinFrom(core, { request, joining });
    } catch (thrown) {
      // it may have left meanwhile, or be a member that is not welcomed yet
      if (swarm.isMember(joining)) await swarm.left();
      throw thrown;
    }
  });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(fail('SWARM_JOIN_TIMEOUT')), patience);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    work.catch((error) => logger.warn('this node has not joined the swarm', { error: messageOf(error) }));
  }
}

async function joinFrom(
  core: Membership,
  { request, joining }: { readonly request: JoinRequest; readonly joining: JoiningMember },
): Promise<void> {
  const { swarm, config, kernel } = core;
  const { signal } = joining;
  const member = await joinSwarm(request, {
    ...{ ...optionsOf(core), machine: machineOf(core), signal },
    checkDataPort: (port) => refuseTakenPorts(kernel.host, [tunnelsPort(port)]),
    defaultAdvertise: config.swarm.advertiseAddress,
  });
  signal.throwIfAborted();
  const active = swarm.becomes('active', signal);
  await swarm.enter(member);
  member.begin();
  await active;
}

/** Throws SWARM_NOT_LOCKED, SWARM_KEY_TEXT, SWARM_KEY_INVALID. Resolves once the node is a member again. */
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
  const next = await nextRoot(store.view, request.spec);
  await store.transact(updateSwarm({ ...request, next, newToken, newUnlockKey, now: Date.now() }));
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
  await swarm.clear();
  await (member instanceof ActiveMember ? member.leave() : member.close());
  await swarm.left();
}
