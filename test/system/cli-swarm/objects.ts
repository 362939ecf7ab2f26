/** What the recording engine has: services of each mode with their tasks, secrets, configs and networks. */

const at = (day: number): string => `2026-01-0${day}T10:20:30.123456789Z`;
export const id = (name: string): string => `${name}0000000000000000000000000`.slice(0, 25);
export const meta = (name: string, index = 7) => ({
  ID: id(name),
  Version: { Index: index },
  CreatedAt: at(1),
  UpdatedAt: at(2),
});

/** Everything that a service can have. */
const fullSpec = {
  Name: 'full',
  Labels: { 'com.docker.stack.namespace': 'shop', b: '', a: 'x' },
  TaskTemplate: {
    ContainerSpec: {
      Image: `busybox:1.36@sha256:${'ab'.repeat(32)}`,
      Labels: { inner: '1', other: '2' },
      Command: ['top'],
      Args: ['-d', '5'],
      Hostname: 'h',
      Env: ['A=1', 'B=2'],
      Dir: '/w',
      User: 'me:us',
      Groups: ['g1', 'g2'],
      TTY: false,
      ReadOnly: true,
      Mounts: [
        { Type: 'volume', Source: 'v', Target: '/v', ReadOnly: true },
        { Type: 'bind', Source: '/a', Target: '/b' },
      ],
      StopGracePeriod: 10000000000,
      StopSignal: 'SIGINT',
      Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 1500000000, Retries: 3 },
      Hosts: ['1.2.3.4 one two', '5.6.7.8 one', '5.6.7.8 three'],
      DNSConfig: { Nameservers: ['8.8.8.8', '1.1.1.1'], Search: ['b.c', 'a.b'], Options: ['ndots:1'] },
      Secrets: [
        { File: { Name: 'key', UID: '0', GID: '0', Mode: 292 }, SecretID: id('sec1'), SecretName: 'key' },
      ],
      Configs: [
        { File: { Name: '/etc/c', UID: '0', GID: '0', Mode: 292 }, ConfigID: id('conf1'), ConfigName: 'c' },
      ],
      Isolation: 'default',
      Init: true,
      Sysctls: { 'net.a': '1', 'net.b': '' },
      CapabilityAdd: ['CAP_NET_ADMIN'],
      CapabilityDrop: ['CAP_CHOWN'],
      Ulimits: [
        { Name: 'nproc', Hard: 6, Soft: 5 },
        { Name: 'core', Hard: 2, Soft: 1 },
      ],
    },
    Resources: {
      Limits: { NanoCPUs: 500000000, MemoryBytes: 67108864, Pids: 9 },
      Reservations: {
        NanoCPUs: 250000000,
        MemoryBytes: 1048576,
        GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 2 } }],
      },
    },
    RestartPolicy: { Condition: 'any', Delay: 5000000000, MaxAttempts: 0 },
    Placement: {
      Constraints: ['node.role==worker', 'node.labels.zone==z1'],
      Preferences: [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }],
      MaxReplicas: 2,
    },
    Networks: [{ Target: id('net1'), Aliases: ['al'] }, { Target: id('gone') }],
    LogDriver: { Name: 'json-file', Options: { 'max-size': '1m', plain: '' } },
    ForceUpdate: 1,
    Runtime: 'container',
  },
  Mode: { Replicated: { Replicas: 3 } },
  UpdateConfig: {
    Parallelism: 2,
    Delay: 90000000000,
    FailureAction: 'rollback',
    Monitor: 1000000,
    MaxFailureRatio: 0.25,
    Order: 'start-first',
  },
  RollbackConfig: { Parallelism: 1, FailureAction: 'pause', MaxFailureRatio: 0, Order: 'stop-first' },
  EndpointSpec: {
    Mode: 'vip',
    Ports: [
      { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' },
      { Protocol: 'udp', TargetPort: 53, PublishedPort: 53, PublishMode: 'host' },
    ],
  },
};

const port = (published: number, target: number, protocol = 'tcp') => ({
  Protocol: protocol,
  TargetPort: target,
  PublishedPort: published,
  PublishMode: 'ingress',
});

const plainTask = { ContainerSpec: { Image: 'busybox:latest' }, ForceUpdate: 0, Runtime: 'container' };
const quick = {
  Parallelism: 1,
  Monitor: 1000000,
  FailureAction: 'pause',
  MaxFailureRatio: 0,
  Order: 'stop-first',
};

export const services = [
  {
    ...meta('full', 21),
    Spec: fullSpec,
    PreviousSpec: { ...fullSpec, Labels: {} },
    Endpoint: {
      Spec: fullSpec.EndpointSpec,
      Ports: [
        port(8080, 80),
        port(8081, 81),
        port(8083, 83),
        port(9000, 53, 'udp'),
        { ...port(53, 53, 'udp'), PublishMode: 'host' },
      ],
    },
    UpdateStatus: { State: 'completed', StartedAt: at(1), CompletedAt: at(2), Message: 'update completed' },
    ServiceStatus: { RunningTasks: 2, DesiredTasks: 3, CompletedTasks: 0 },
  },
  {
    ...meta('glob'),
    Spec: {
      Name: 'glob10',
      Labels: { 'com.docker.stack.namespace': 'shop' },
      TaskTemplate: plainTask,
      Mode: { Global: {} },
      UpdateConfig: quick,
      EndpointSpec: { Mode: 'dnsrr' },
    },
    Endpoint: { Spec: {} },
    ServiceStatus: { RunningTasks: 1, DesiredTasks: 1, CompletedTasks: 0 },
  },
  {
    ...meta('plain'),
    Spec: {
      Name: 'glob2',
      Labels: { 'com.docker.stack.namespace': 'other' },
      TaskTemplate: plainTask,
      Mode: { Replicated: { Replicas: 2 } },
      UpdateConfig: quick,
    },
    Endpoint: { Spec: {}, Ports: [port(80, 80), port(81, 80), port(82, 80), port(83, 81)] },
    ServiceStatus: { RunningTasks: 2, DesiredTasks: 2, CompletedTasks: 0 },
  },
  {
    ...meta('jobb'),
    Spec: {
      Name: 'job',
      TaskTemplate: { ContainerSpec: { Image: 'registry.example:5000/a/b' }, ForceUpdate: 0 },
      Mode: { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 2 } },
    },
    Endpoint: { Spec: {} },
    ServiceStatus: { RunningTasks: 0, DesiredTasks: 1, CompletedTasks: 2 },
    JobStatus: { JobIteration: { Index: 3 }, LastExecution: at(2) },
  },
];

const task = (name: string, service: string, more: object) => ({
  ...meta(name),
  Labels: {},
  Spec: plainTask,
  ServiceID: id(service),
  Slot: 1,
  NodeID: id('nodea'),
  Status: { Timestamp: at(2), State: 'running', Message: 'started', PortStatus: {} },
  DesiredState: 'running',
  ...more,
});

export const tasks = [
  task('task1', 'full', { Spec: fullSpec.TaskTemplate }),
  task('task2', 'full', {
    CreatedAt: at(3),
    Status: {
      Timestamp: at(2),
      State: 'failed',
      Err: 'task: non-zero exit (1): something that is very long',
      PortStatus: {
        Ports: [{ Protocol: 'udp', TargetPort: 53, PublishedPort: 30000, PublishMode: 'host' }],
      },
    },
    DesiredState: 'shutdown',
  }),
  task('task3', 'full', {
    Slot: 10,
    NodeID: '',
    Status: { Timestamp: at(1), State: 'pending', PortStatus: {} },
  }),
  task('task4', 'full', { Slot: 2, NodeID: id('nodeb') }),
  task('task5', 'glob', { Slot: 0 }),
  task('task6', 'plain', {}),
  task('task7', 'plain', { Slot: 2 }),
  task('task8', 'jobb', {
    Slot: 0,
    JobIteration: { Index: 3 },
    Status: { Timestamp: at(2), State: 'complete', PortStatus: {} },
  }),
  task('task9', 'jobb', {
    Slot: 1,
    JobIteration: { Index: 3 },
    Status: { Timestamp: at(2), State: 'complete', PortStatus: {} },
  }),
];

const labelled = { 'com.docker.stack.namespace': 'shop' };

export const secrets = [
  { ...meta('sec1'), Spec: { Name: 'key', Labels: { a: 'b', c: '' } } },
  { ...meta('sec2'), Spec: { Name: 'shop_pw', Labels: labelled, Driver: { Name: 'vault' } } },
];

export const configs = [
  { ...meta('conf1'), Spec: { Name: 'c', Labels: {}, Data: Buffer.from('hello\nyou').toString('base64') } },
  { ...meta('conf2'), Spec: { Name: 'shop_conf', Labels: labelled, Data: 'aGk=' } },
];

export const networks = [
  { Name: 'front', Id: id('net1'), Scope: 'swarm', Driver: 'overlay', Labels: {} },
  { Name: 'back', Id: id('net0'), Scope: 'swarm', Driver: 'overlay', Labels: {} },
  { Name: 'shop_default', Id: id('net2'), Scope: 'swarm', Driver: 'overlay', Labels: labelled },
  { Name: 'mesh', Id: id('net4'), Scope: 'swarm', Driver: 'overlay', Labels: {}, Ingress: true },
  { Name: 'lan', Id: id('net3'), Scope: 'local', Driver: 'bridge', Labels: {} },
];
