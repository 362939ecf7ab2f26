/** How the swarm of three hosts changes: updates, roles, nodes that are lost and leave, no majority, a lock. */
import type { HostStep } from './hosts.ts';
import { events, infoOf, join, kinds, nodesAre, one, tasks, three, two, updateNode } from './hosts-parts.ts';
import { clearer, spec } from './services.ts';

const second = 1e9;
const failing = (action: string): object => ({
  ...spec('upd', {
    args: ['sleep', '1001'],
    container: { Command: ['/nope'] },
    mode: { Replicated: { Replicas: 2 } },
  }),
  UpdateConfig: { Parallelism: 1, Delay: 0, Monitor: 2 * second, FailureAction: action, Order: 'stop-first' },
});
const updateIs = (state: string): HostStep =>
  one('GET /services/upd', undefined, {
    until: (json) => JSON.stringify(json).includes(`"State":"${state}"`),
  });
const quick = { StopGracePeriod: second / 2 };
const upd = spec('upd', { mode: { Replicated: { Replicas: 2 } }, container: quick });

const updates: readonly HostStep[] = [
  one('POST /services/create', upd),
  tasks('upd', { running: 2 }),
  one('POST /services/upd/update?version={services/upd}', failing('pause')),
  updateIs('paused'),
  one('POST /services/upd/update?version={services/upd}&rollback=previous', upd),
  updateIs('rollback_completed'),
  one('POST /services/upd/update?version={services/upd}', failing('rollback')),
  updateIs('rollback_completed'),
  one('POST /services/upd/update?version={services/upd}', {
    ...spec('upd', { mode: { Replicated: { Replicas: 1 } }, container: { ...quick, Env: ['A=B'] } }),
    UpdateConfig: { Parallelism: 0, Delay: 0, Monitor: second, FailureAction: 'continue' },
  }),
  updateIs('completed'),
  three('GET /services/upd?insertDefaults=1'),
  one('DELETE /services/upd'),
  ...events,
];

const roles: readonly HostStep[] = [
  updateNode('node2', { Labels: { rack: 'r1' } }),
  one('GET /nodes/<node2>'),
  one('GET /nodes?filters={"node.label":["rack=r1"]}'),
  updateNode('node2', { Availability: 'pause' }),
  one('GET /nodes/<node2>'),
  updateNode('node2', { Availability: 'drain' }),
  tasks('there', { pending: 2 }),
  tasks('glob', { running: 2 }),
  one('GET /tasks?filters={"node":["<node2>"]}', undefined, {
    until: (json) => JSON.stringify(json).split('"State":"shutdown"').length >= 4,
  }),
  infoOf(2),
  { ...updateNode('node2', { Name: 'renamed' }), first: 'pause' },
  one('GET /nodes?filters={"name":["renamed"]}'),
  updateNode('node2', {}),
  tasks('there', { running: 2 }),
  updateNode('node2', { Role: 'manager' }),
  nodesAre(3, 3),
  infoOf(2, (json) => JSON.stringify(json).includes('"ControlAvailable":true')),
  two('GET /nodes'),
  one('GET /nodes/<node2>'),
  updateNode('node3', {}),
  nodesAre(3, 2),
  infoOf(3, (json) => /"active".*"ControlAvailable":false/.test(JSON.stringify(json))),
  three('GET /nodes'),
  one('GET /nodes/<node3>'),
  one('DELETE /nodes/<node3>'),
  one('DELETE /nodes/<node2>'),
  one('DELETE /nodes/<node2>?force=1'),
  two('POST /swarm/leave'),
  // the others become managers and workers meanwhile
  ...events.slice(0, 1),
];

const losses: readonly HostStep[] = [
  three('', undefined, { first: 'cut' }),
  one('GET /nodes/<node3>', undefined, { until: (json) => JSON.stringify(json).includes('"down"') }),
  one('GET /nodes?filters={"membership":["accepted"]}', undefined, {
    differs: 'Docker forgets that nodes are accepted when their spec is changed',
  }),
  {
    ...tasks('pub', { pending: 1 }),
    differs: 'what takes the place of a lost task is to run at once, and in Docker after a while',
  },
  one('GET /networks/web?verbose=1'),
  three('', undefined, { first: 'heal' }),
  nodesAre(3, 2),
  { ...three('POST /swarm/leave'), first: 'pause' },
  infoOf(3),
  one('GET /nodes/<node3>', undefined, { until: (json) => JSON.stringify(json).includes('"down"') }),
  one('DELETE /nodes/<node3>'),
  one('DELETE /nodes/<node3>'),
  one('GET /nodes/<node3>'),
  ...events.slice(0, 1),
];

/** One of two managers is cut off. */
const withoutQuorum: readonly HostStep[] = [
  two('', undefined, { first: 'cut' }),
  one('', undefined, { first: 'pause' }),
  one('', undefined, { first: 'pause' }),
  ...['/nodes', '/services', '/swarm', '/tasks', '/secrets', '/networks/web', '/swarm/unlockkey'].map(
    (path) => one(`GET ${path}`),
  ),
  infoOf(1),
  one('POST /networks/create', { Name: 'late', Driver: 'overlay' }, { differs: clearer }),
  one('POST /services/create', spec('late')),
  one('POST /secrets/create', { Name: 'late', Data: 'YQ==' }),
  one('DELETE /services/glob'),
  two('', undefined, { first: 'heal' }),
  nodesAre(2, 2),
  infoOf(1),
];

const ending: readonly HostStep[] = [
  updateNode('node2', {}),
  nodesAre(2, 1),
  one('POST /swarm/update?version={swarm}&rotateWorkerToken=1', {
    ...{ Name: 'default', Labels: {}, Orchestration: { TaskHistoryRetentionLimit: 5 }, TaskDefaults: {} },
    ...{ Dispatcher: { HeartbeatPeriod: 5 * second }, CAConfig: { NodeCertExpiry: 7_776_000 * second } },
    Raft: { SnapshotInterval: 10_000, LogEntriesForSlowFollowers: 500, ElectionTick: 10, HeartbeatTick: 1 },
    EncryptionConfig: { AutoLockManagers: true },
  }),
  one('GET /swarm'),
  one('GET /swarm/unlockkey', undefined, { part: () => '' }),
  infoOf(1, undefined),
  { ...infoOf(1), first: 'restart' },
  ...['/swarm', '/swarm/unlockkey', ...kinds.map((kind) => `/${kind}`)].map((path) => one(`GET ${path}`)),
  one('POST /services/create', spec('x')),
  one('POST /networks/create', { Name: 'x', Driver: 'overlay' }),
  one('GET /networks?filters={"scope":["swarm"]}', undefined, {
    differs: 'tasks of a locked manager go on, on their networks',
  }),
  one('POST /swarm/unlock', { UnlockKey: 'x' }),
  one('POST /swarm/init', {}),
  one('POST /swarm/join', join(1, '<worker>')),
  one('POST /swarm/leave'),
  one('POST /swarm/leave?force=1'),
  infoOf(1),
  two('POST /swarm/leave'),
  infoOf(2),
];

export const changeSteps: readonly HostStep[] = [
  ...updates,
  ...roles,
  ...losses,
  ...withoutQuorum,
  ...ending,
];
