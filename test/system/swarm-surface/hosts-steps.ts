/** A swarm of three hosts: who joins, what a worker is told, and what runs where. */
import { addressOf, type HostStep, places } from './hosts.ts';
import { changeSteps } from './hosts-changes.ts';
import { events, everywhere, infoOf, join, kinds, nodesAre, one, tasks, three, two } from './hosts-parts.ts';
import { clearer, spec } from './services.ts';

const joining: readonly HostStep[] = [
  one('POST /swarm/init', {
    ...{ ListenAddr: '0.0.0.0:2377', AdvertiseAddr: addressOf(1), DefaultAddrPool: [], SubnetSize: 24 },
    Availability: 'active',
  }),
  two('POST /swarm/join', { ...join(2, '<worker>'), RemoteAddrs: [] }),
  two('POST /swarm/join', join(2, 'x'), { differs: clearer }),
  two('POST /swarm/join', join(2, `SWMTKN-1-${'0'.repeat(49)}a-${'0'.repeat(25)}`)),
  two('POST /swarm/join', { ...join(2, '<worker>'), Availability: 'x' }, { differs: clearer }),
  infoOf(2),
  two('POST /swarm/join', join(2, '<worker>')),
  two('POST /swarm/join', join(2, '<worker>')),
  two('POST /swarm/init', { ListenAddr: '0.0.0.0:2377' }),
  infoOf(2),
  three('POST /swarm/join', join(3, '<manager>')),
  nodesAre(3, 2),
  infoOf(3),
  infoOf(1),
  ...places.map((at) => one(`GET /nodes/<node${at}>`)),
  three('GET /nodes/self'),
  three('GET /nodes'),
  three('GET /swarm'),
  two('GET /nodes/self'),
  ...[
    'role":["worker"',
    'role":["manager"',
    'membership":["accepted"',
    'name":["node2"',
    'id":["<node3>"',
  ].map((filter) => one(`GET /nodes?filters={"${filter}]}`)),
  ...events.slice(0, 2),
  three('EVENTS', undefined, { differs: 'a manager that joins tells in Docker of what was before, too' }),
];

/** A worker manages nothing. */
const ofWorkers: readonly HostStep[] = [
  ...['/swarm', '/swarm/unlockkey', ...kinds.map((kind) => `/${kind}`)].map((path) => two(`GET ${path}`)),
  ...kinds.slice(0, 3).map((kind) => two(`GET /${kind}/x`)),
  two('POST /swarm/update?version=1', {}),
  two('POST /swarm/unlock', { UnlockKey: 'x' }),
  two('POST /services/create', spec('x')),
  two('POST /services/x/update?version=1', spec('x')),
  two('DELETE /services/x'),
  two('GET /services/x/logs?stdout=1'),
  two('GET /tasks/x/logs?stdout=1'),
  two('POST /secrets/create', { Name: 'one', Data: 'YQ==' }),
  two('POST /configs/create', { Name: 'one', Data: 'YQ==' }),
  two('POST /nodes/x/update?version=1', { Role: 'worker', Availability: 'active' }),
  two('DELETE /nodes/x'),
  two('POST /networks/create', { Name: 'x', Driver: 'overlay' }),
  two('GET /networks/ingress'),
  two('GET /networks/nope'),
  two('DELETE /networks/ingress', undefined, { differs: 'a worker says that a manager is needed' }),
];

const web = { Name: 'web', Driver: 'overlay', IPAM: { Config: [{ Subnet: '10.0.9.0/24' }] } };
const att = {
  ...{ Name: 'att', Driver: 'overlay', Attachable: true, Labels: { k: 'v' } },
  IPAM: { Config: [{ Subnet: '10.0.10.0/24' }] },
};
const onWeb = { Networks: [{ Target: 'web' }] };
const placed = (node: string, more: object = {}): object => ({
  ...onWeb,
  Placement: { Constraints: [`node.id==<${node}>`] },
  ...more,
});

const work: readonly HostStep[] = [
  one('POST /networks/create', web),
  one('POST /networks/create', att),
  one('POST /secrets/create', { Name: 'key', Data: 'YQ==' }),
  three('POST /configs/create', { Name: 'conf', Data: 'YQ==' }),
  ...everywhere('GET /networks/web'),
  one('POST /services/create', spec('glob', { mode: { Global: {} }, task: onWeb })),
  one(
    'POST /services/create',
    spec('there', { mode: { Replicated: { Replicas: 2 } }, task: placed('node2') }),
  ),
  three(
    'POST /services/create',
    spec('pub', {
      task: placed('node3'),
      endpoint: { Mode: 'vip', Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080 }] },
    }),
  ),
  one('POST /services/create', spec('gjob', { args: ['true'], mode: { GlobalJob: {} } })),
  one(
    'POST /services/create',
    spec('job', { args: ['true'], mode: { ReplicatedJob: { MaxConcurrent: 3, TotalCompletions: 3 } } }),
  ),
  tasks('glob', { running: 3 }),
  tasks('there', { running: 2 }),
  tasks('pub', { running: 1 }),
  tasks('gjob', { complete: 3 }),
  tasks('job', { complete: 3 }),
  one('GET /tasks?filters={"node":["<node2>"],"desired-state":["running"]}'),
  one('GET /tasks?filters={"node":["<node3>"],"name":["pub"]}'),
  three('GET /tasks?filters={"label":["x"]}'),
  one('GET /services?status=1'),
  three('GET /services/pub'),
  ...everywhere('GET /networks/web'),
  ...everywhere('GET /networks/web?verbose=1'),
  ...everywhere('GET /networks/ingress'),
  ...everywhere('GET /networks/att'),
  ...everywhere('GET /networks?filters={"scope":["swarm"]}'),
  two('POST /containers/create?name=cli', {
    ...{ Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: 'att' } },
  }),
  two('POST /containers/cli/start'),
  ...everywhere('GET /networks/att'),
  ...everywhere('GET /networks/att?verbose=1'),
  two('GET /containers/cli/json', undefined, {
    part: (json) =>
      (json as { readonly NetworkSettings: { readonly Networks: unknown } }).NetworkSettings.Networks,
  }),
  one('GET /tasks?filters={"node":["<node2>"],"desired-state":["running"]}'),
  one('DELETE /networks/att'),
  one('DELETE /networks/web'),
  two('DELETE /networks/web'),
  ...events,
];

export const hostSteps: readonly HostStep[] = [...joining, ...ofWorkers, ...work, ...changeSteps];
