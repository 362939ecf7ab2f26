/** A swarm of one node from its beginning to its end. */
import { clearer, serviceSteps, spec } from './services.ts';
import { type Step, step } from './step.ts';

const member = (name: string) => (json: unknown) => (json as Record<string, unknown>)[name];
const lengthOf = (json: unknown): number => (Array.isArray(json) ? json.length : 0);
const kinds = ['nodes', 'services', 'tasks', 'secrets', 'configs'];

const outside: readonly Step[] = [
  ...['/swarm', '/swarm/unlockkey', ...kinds.map((kind) => `/${kind}`)].map((path) => step(`GET ${path}`)),
  step('POST /swarm/leave'),
  step('POST /swarm/update?version=1', {}),
  step('POST /services/create', spec('x')),
  step('POST /networks/create', { Name: 'x', Driver: 'overlay' }),
  step('POST /swarm/init', { ListenAddr: '0.0.0.0:2377', DataPathPort: 80 }, { differs: clearer }),
  step('POST /swarm/init', { ListenAddr: '0.0.0.0:2377', Spec: { Name: 'x' } }),
];

const beginning: readonly Step[] = [
  step('POST /swarm/init', {
    ...{ ListenAddr: '0.0.0.0:2377', AdvertiseAddr: '198.51.100.2', DefaultAddrPool: [], SubnetSize: 24 },
    Availability: 'active',
  }),
  step('POST /swarm/init', {}),
  step('POST /swarm/join', {}),
  step('POST /swarm/leave'),
  step('GET /swarm'),
  step('GET /swarm/unlockkey'),
  step('POST /swarm/unlock', { UnlockKey: 'x' }),
  step('POST /swarm/update', {}),
  step('POST /swarm/update?version=1', {}),
  step('POST /swarm/update?version=1&rotateWorkerToken=x', {}),
  step('GET /info', undefined, { part: member('Swarm') }),
  step('GET /nodes', undefined, { until: (json) => JSON.stringify(json).includes('"ready"') }),
  ...kinds.flatMap((kind) => [
    step(`GET /${kind}/nope`),
    step(`GET /${kind}?filters={"bad":["x"]}`),
    step(`GET /${kind}?filters=x`),
  ]),
  step('GET /nodes?filters={"role":["x"]}'),
  step('GET /nodes?filters={"membership":["x"]}'),
  step('GET /tasks?filters={"desired-state":["x"]}'),
  step('GET /tasks?filters={"service":["nope"]}'),
  step('GET /tasks?filters={"node":["nope"]}'),
  step('POST /nodes/nope/update', {}),
  step('POST /nodes/nope/update?version=1', { Role: 'worker', Availability: 'active' }),
  step('POST /nodes/nope/update?version=1', { Role: 'x', Availability: 'active' }),
  step('POST /nodes/nope/update?version=1', { Role: 'worker', Availability: 'x' }),
  step('DELETE /nodes/nope'),
];

const web = {
  Name: 'web',
  Driver: 'overlay',
  IPAM: { Config: [{ Subnet: '10.0.9.0/24' }] },
  Labels: { k: 'v' },
};
const networks: readonly Step[] = [
  step('POST /networks/create', web),
  step('POST /networks/create', { Name: 'att', Driver: 'overlay', Attachable: true }),
  step('POST /networks/create', web),
  step('POST /networks/create', { Name: 'other', Driver: 'overlay', Ingress: true }),
  step('POST /networks/create', { Name: 'other', Driver: 'overlay', Ingress: true, Attachable: true }),
  step('POST /networks/create', { Name: 'other', Driver: 'bridge', Ingress: true }),
  step('POST /networks/create', { Name: 'other', Driver: 'overlay', Scope: 'local' }),
  step('GET /networks?filters={"name":["att","web"]}'),
  step('GET /networks/web?scope=local'),
  step('GET /networks/web?scope=swarm'),
  step('GET /networks/host?scope=swarm'),
  step('POST /networks/prune'),
  step('POST /networks/create', web),
  step('POST /networks/create', { Name: 'att', Driver: 'overlay', Attachable: true }),
];

const files: readonly Step[] = ['secrets', 'configs'].flatMap((kind) => [
  step(`POST /${kind}/create`, { Name: 'one', Labels: { a: 'b' }, Data: 'YQ==' }),
  ...[
    {},
    { Name: 'x' },
    { Name: 'one', Data: 'YQ==' },
    { Name: 'a b', Data: 'YQ==' },
    { Name: 'x', Data: '!' },
  ].map((body) => step(`POST /${kind}/create`, body)),
  step(`GET /${kind}/one`),
  step(`GET /${kind}?filters={"names":["one"]}`),
  step(`GET /${kind}?filters={"label":["a=c"]}`),
  step(`POST /${kind}/one/update`, {}),
  step(`POST /${kind}/one/update?version=1`, { Name: 'one' }),
  step(`POST /${kind}/nope/update?version=1`, { Name: 'one' }),
  step(`POST /${kind}/one/update?version={${kind}/one}`, { Name: 'two' }),
  step(`POST /${kind}/one/update?version={${kind}/one}`, { Name: 'one', Labels: { q: 'r' } }),
  step(`GET /${kind}/one`),
  step(`DELETE /${kind}/nope`),
]);

interface Tasks {
  readonly state: string;
  readonly count: number;
  readonly differs?: string;
}

const tasksOf = (service: string, { state, count: wanted, differs }: Tasks): Step =>
  step(`GET /tasks?filters={"service":["${service}"]}`, undefined, {
    ...(differs !== undefined && { differs }),
    until: (json) =>
      lengthOf(json) === wanted && JSON.stringify(json).split(`"State":"${state}"`).length === wanted + 1,
  });

const running: readonly Step[] = [
  tasksOf('plain', { state: 'running', count: 1 }),
  tasksOf('rr', { state: 'running', count: 1 }),
  tasksOf('hostnet', { state: 'running', count: 1 }),
  tasksOf('glob', { state: 'running', count: 1 }),
  tasksOf('gjob', { state: 'complete', count: 1 }),
  tasksOf('job', { state: 'complete', count: 3 }),
  tasksOf('full', {
    state: 'pending',
    count: 2,
    differs: 'a task that waits for a node holds no addresses, and says what it asks for',
  }),
  step('GET /services?status=true'),
  step('GET /networks/att'),
  step('GET /services/plain/logs'),
  step('GET /services/plain/logs?stdout=1&since=x'),
  step('GET /services/plain/logs?stdout=1&tail=x'),
  step('GET /services/nope/logs?stdout=1'),
  step('GET /tasks/nope/logs?stdout=1'),
  step('DELETE /networks/web', undefined),
  step('DELETE /services/hostnet'),
  step('DELETE /secrets/one'),
  step('DELETE /configs/one'),
  step('POST /swarm/leave?force=1'),
  step('GET /swarm'),
  step('GET /info', undefined, { part: member('Swarm') }),
];

export const steps: readonly Step[] = [
  ...outside,
  ...beginning,
  ...networks,
  ...files,
  ...serviceSteps,
  ...running,
];
