/** Services as the docker CLI 28 sends them. */
import { type Step, step } from './step.ts';

interface Spec {
  readonly container?: object;
  readonly task?: object;
  readonly mode?: object;
  readonly endpoint?: object;
  readonly args?: readonly string[];
}

export const spec = (name: string, { container, task, mode, endpoint, args }: Spec = {}): object => ({
  ...{ Name: name, Labels: {} },
  TaskTemplate: {
    ContainerSpec: {
      ...{ Image: 'busybox:latest', Args: args ?? ['sleep', '1000'], Init: false, DNSConfig: {} },
      ...container,
    },
    ...{ Resources: { Limits: {}, Reservations: {} }, Placement: {}, ForceUpdate: 0 },
    ...task,
  },
  Mode: mode ?? { Replicated: {} },
  EndpointSpec: endpoint ?? { Mode: 'vip' },
});

const second = 1e9;
const update = { Parallelism: 3, Delay: second, Monitor: second, MaxFailureRatio: 0.2, Order: 'start-first' };

/** Every flag of `docker service create`, but what needs another object. No node fits it: nothing of it runs. */
const full = {
  ...spec('full', {
    args: ['sleep 1000'],
    mode: { Replicated: { Replicas: 2 } },
    container: {
      ...{ Labels: { cl: '1' }, Command: ['sh', '-c'], Hostname: '{{.Node.Hostname}}', Env: ['A=B'] },
      ...{ Dir: '/tmp', User: '0:0', Groups: ['5'], Init: true, StopSignal: 'SIGINT', ReadOnly: true },
      Mounts: [
        { Type: 'volume', Source: 'v1', Target: '/v', VolumeOptions: { Labels: { a: 'b' } } },
        {
          Type: 'bind',
          Source: '/tmp',
          Target: '/b',
          ReadOnly: true,
          BindOptions: { Propagation: 'rslave' },
        },
        { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1_048_576 } },
      ],
      StopGracePeriod: 3 * second,
      Healthcheck: {
        ...{ Test: ['CMD-SHELL', 'true'], Interval: 5 * second, Timeout: 3 * second, Retries: 3 },
        ...{ StartPeriod: 2 * second, StartInterval: second },
      },
      Hosts: ['1.2.3.4 a'],
      DNSConfig: { Nameservers: ['1.1.1.1'], Search: ['ex.com'], Options: ['ndots:1'] },
      Privileges: { NoNewPrivileges: true },
      ...{ Sysctls: { 'net.core.somaxconn': '100' }, CapabilityAdd: ['CAP_NET_ADMIN'] },
      ...{ CapabilityDrop: ['CAP_MKNOD'], Ulimits: [{ Name: 'nofile', Hard: 200, Soft: 100 }] },
      OomScoreAdj: 5,
    },
    task: {
      Resources: {
        Limits: { NanoCPUs: 5e8, MemoryBytes: 67_108_864, Pids: 50 },
        Reservations: { NanoCPUs: 1e8, MemoryBytes: 16_777_216 },
      },
      RestartPolicy: { Condition: 'on-failure', Delay: second, MaxAttempts: 3, Window: 10 * second },
      Placement: {
        Constraints: ['node.labels.none==such'],
        Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.dc' } }],
        MaxReplicas: 2,
      },
      Networks: [{ Target: 'web', Aliases: ['al'] }],
      LogDriver: { Name: 'json-file', Options: { 'max-size': '1m' } },
    },
    endpoint: {
      Mode: 'vip',
      Ports: [
        { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' },
        { Protocol: 'udp', TargetPort: 81, PublishedPort: 8081, PublishMode: 'host' },
      ],
    },
  }),
  Labels: { sl: '1' },
  UpdateConfig: { ...update, FailureAction: 'rollback' },
  RollbackConfig: { ...update, FailureAction: 'continue' },
};

export const clearer = 'Docker tells an internal error (500) where the request is to blame';
const create = (body: object): Step => step('POST /services/create', body);
const bare = (more: object = {}) => ({
  Name: 'x',
  TaskTemplate: { ContainerSpec: { Image: 'busybox', ...more } },
});
const task = (more: object) => ({
  Name: 'x',
  TaskTemplate: { ContainerSpec: { Image: 'busybox' }, ...more },
});

const refusals: readonly Step[] = [
  {},
  { TaskTemplate: { ContainerSpec: {} } },
  { ...bare(), Name: 'plain' },
  { ...bare(), Name: 'a_b c' },
  { ...bare(), Mode: { Global: {}, Replicated: {} } },
  { ...bare(), EndpointSpec: { Mode: 'foo' } },
  task({ Runtime: 'foo' }),
  { Name: 'x', TaskTemplate: { Runtime: 'plugin' } },
  { ...bare(), EndpointSpec: { Mode: 'dnsrr', Ports: [{ TargetPort: 80, PublishedPort: 99 }] } },
  { ...bare(), EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 8080 }] } },
  { ...bare(), EndpointSpec: { Ports: [1, 2].map((port) => ({ TargetPort: port, PublishedPort: 99 })) } },
  bare({ Image: 'BAD IMG' }),
  task({ Networks: [{ Target: 'docker_gwbridge' }] }),
  task({ Networks: [{ Target: 'ingress' }] }),
  bare({ Mounts: [{ Type: 'foo', Target: '/x' }] }),
  task({ RestartPolicy: { Condition: 'foo' } }),
  task({ RestartPolicy: { Delay: -1 } }),
  { ...bare(), UpdateConfig: { FailureAction: 'foo' } },
  { ...bare(), UpdateConfig: { Order: 'foo' } },
  { ...bare(), UpdateConfig: { MaxFailureRatio: 2 } },
  { ...bare(), UpdateConfig: { Monitor: -2 } },
  task({ Placement: { Constraints: ['foo'] } }),
  task({ Resources: { Limits: { NanoCPUs: 1 } } }),
  task({ Resources: { Reservations: { MemoryBytes: 1 } } }),
  bare({ Secrets: [{ SecretID: 'nope', SecretName: 's1', File: { Name: 'x' } }] }),
  bare({ Secrets: [{ SecretID: 'nope', SecretName: 's1' }] }),
  bare({ Configs: [{ ConfigID: 'nope', ConfigName: 's1', File: { Name: 'x' } }] }),
  bare({ Healthcheck: { Interval: -1 } }),
  bare({ Hostname: '{{.Bad' }),
  { Name: 1 },
  { ...bare(), Mode: { ReplicatedJob: {} }, UpdateConfig: {} },
].map(create);

const names = ['plain', 'full', 'glob', 'job', 'gjob', 'rr', 'hostnet', 'bare'];

export const serviceSteps: readonly Step[] = [
  create(spec('plain')),
  create(full),
  create(spec('glob', { mode: { Global: {} } })),
  create(spec('job', { args: ['true'], mode: { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 3 } } })),
  create(spec('gjob', { args: ['true'], mode: { GlobalJob: {} } })),
  create(spec('rr', { endpoint: { Mode: 'dnsrr' }, task: { Networks: [{ Target: 'web' }] } })),
  create(spec('hostnet', { task: { Networks: [{ Target: 'host' }] } })),
  create({ ...bare({ Env: [], Healthcheck: {} }), Name: 'bare', UpdateConfig: {}, RollbackConfig: {} }),
  ...refusals,
  step('POST /services/create', task({ Networks: [{ Target: 'nope' }] }), { differs: clearer }),
  ...names.flatMap((name) => [
    step(`GET /services/${name}`, undefined, { until: isGiven(name) }),
    step(`GET /services/${name}?insertDefaults=true`),
  ]),
  step('GET /services?filters={"mode":["x"]}'),
  step('GET /services?filters={"mode":["global"]}'),
  step('GET /services?filters={"label":["sl=1"]}'),
  step('GET /services?filters={"name":["pl","nope"]}'),
  step('GET /services?filters={"runtime":["container"],"name":["plain"]}'),
  ...['bad":["x"]}', 'x'].map((rest) => step(`GET /services?filters={"${rest}`)),
  step('GET /services?status=x'),
  step('GET /services/full?insertDefaults=x'),
  step('GET /services/nope'),
  step('DELETE /services/nope'),
  step('POST /services/full/update', {}),
  step('POST /services/full/update?version=1', full),
  step('POST /services/nope/update?version=1', bare()),
  step('POST /services/glob/update?version={services/glob}', { ...bare(), Name: 'glob' }),
  step('POST /services/rr/update?version={services/rr}&rollback=x', spec('rr')),
  step('POST /services/rr/update?version={services/rr}&rollback=previous', spec('rr')),
  step('POST /services/rr/update?version={services/rr}&registryAuthFrom=x', spec('rr')),
];

/** What the leader chooses is there. */
function isGiven(name: string): (json: unknown) => boolean {
  return (json) => name !== 'full' || JSON.stringify(json).includes('VirtualIPs');
}
