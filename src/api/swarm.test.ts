/** The routes of swarm mode, over records in memory. Answers are those of Docker 28.5 for the same requests. */
import { afterAll, expect, test } from 'vitest';
import { swarmApi } from '../../test/api/swarm-api.ts';
import { service } from '../../test/swarm/fixture.ts';

const { api, ask, records } = swarmApi();
afterAll(() => api.close());

const create = (spec: object) => ask('POST', '/services/create', spec);
const message = (text: string) => ({ message: text });

/** As `docker service create --name NAME busybox sleep 1000` sends it. */
const plain = (name: string, more: object = {}) => ({
  Name: name,
  Labels: {},
  TaskTemplate: {
    ContainerSpec: { Image: 'busybox:latest', Args: ['sleep', '1000'], Init: false, DNSConfig: {} },
    Resources: { Limits: {}, Reservations: {} },
    Placement: {},
    ForceUpdate: 0,
  },
  Mode: { Replicated: {} },
  EndpointSpec: { Mode: 'vip' },
  ...more,
});

test('a service that was made is shown as Docker shows it', async () => {
  const made = await create(plain('plain'));
  expect(made).toMatchObject({ status: 201, answer: { Warnings: null } });
  const { answer } = await ask('GET', '/services/plain');
  expect(answer).toEqual({
    ID: (made.answer as { ID: string }).ID,
    Version: { Index: expect.any(Number) },
    CreatedAt: expect.stringMatching(/^\d{4}-.*\.\d{9}Z$/),
    UpdatedAt: expect.any(String),
    Spec: {
      Name: 'plain',
      Labels: {},
      TaskTemplate: {
        ContainerSpec: {
          ...{ Image: 'busybox:latest', Args: ['sleep', '1000'], Init: false, DNSConfig: {} },
          Isolation: 'default',
        },
        Resources: { Limits: {}, Reservations: {} },
        Placement: {},
        ForceUpdate: 0,
        Runtime: 'container',
      },
      Mode: { Replicated: { Replicas: 1 } },
      EndpointSpec: { Mode: 'vip' },
    },
    Endpoint: { Spec: {} },
  });
});

test('with the defaults that it has where it says nothing', async () => {
  const update = {
    ...{ Parallelism: 1, FailureAction: 'pause', Monitor: 5e9, MaxFailureRatio: 0, Order: 'stop-first' },
  };
  const { answer } = await ask('GET', '/services/plain?insertDefaults=true');
  expect(answer).toMatchObject({
    Spec: {
      TaskTemplate: {
        ContainerSpec: { StopGracePeriod: 1e10, DNSConfig: {} },
        RestartPolicy: { Condition: 'any', Delay: 5e9, MaxAttempts: 0 },
      },
      UpdateConfig: update,
      RollbackConfig: update,
      EndpointSpec: { Mode: 'vip' },
    },
  });
});

test('credentials of a registry are kept for the nodes, and never shown', async () => {
  const stored = records.view.byName('services', 'plain');
  expect(stored?.spec.TaskTemplate.ContainerSpec?.PullOptions).toEqual({ RegistryAuth: 'c2VjcmV0' });
  const { answer } = await ask('GET', '/services');
  expect(JSON.stringify(answer)).not.toContain('c2VjcmV0');
});

test('a manager tells how far nodes have come, and what of networks is given away', async () => {
  const { answer } = await ask('GET', '/seaway/swarm');
  expect(answer).toMatchObject({
    Revision: records.view.revision,
    Nodes: expect.arrayContaining([expect.objectContaining({ Revision: null, BehindSeconds: 0 })]),
    Networks: expect.arrayContaining([
      expect.objectContaining({
        Name: 'ingress',
        Subnets: { '10.0.0.0/24': { IPsInUse: expect.any(Number), DynamicIPsAvailable: expect.any(Number) } },
      }),
    ]),
  });
});

test('empty members of a spec are not there again', async () => {
  const task = { ContainerSpec: { Image: 'busybox', Env: [], Hostname: '', Healthcheck: { Retries: 0 } } };
  await create({ Name: 'bare', TaskTemplate: { ...task, RestartPolicy: {} }, UpdateConfig: {} });
  const { answer } = await ask('GET', '/services/bare');
  expect(answer).toMatchObject({
    Spec: {
      TaskTemplate: { RestartPolicy: { Condition: 'any', MaxAttempts: 0 } },
      UpdateConfig: { Parallelism: 0, FailureAction: 'pause', MaxFailureRatio: 0, Order: 'stop-first' },
    },
  });
  const { ContainerSpec } = (answer as { Spec: { TaskTemplate: { ContainerSpec: object } } }).Spec
    .TaskTemplate;
  expect(ContainerSpec).toEqual({ Image: 'busybox', Healthcheck: {}, Isolation: 'default' });
});

const container = { ContainerSpec: { Image: 'busybox' } };
test.each([
  [{}, 'mismatched Runtime and *Spec fields'],
  [{ TaskTemplate: { Runtime: 'plugin' } }, 'mismatched Runtime and *Spec fields'],
  [{ TaskTemplate: { ...container, Runtime: 'foo' } }, 'unsupported runtime'],
  [{ TaskTemplate: { NetworkAttachmentSpec: {}, Runtime: 'attachment' } }, 'unsupported runtime'],
  [{ TaskTemplate: container, Mode: { Global: {}, Replicated: {} } }, 'must specify only one service mode'],
  [{ TaskTemplate: container, EndpointSpec: { Mode: 'foo' } }, 'invalid resolution mode: "foo"'],
  [
    { TaskTemplate: { ContainerSpec: { Image: 'a', Mounts: [{ Type: 'foo', Target: '/x' }] } } },
    'invalid MountType: "foo"',
  ],
  [
    { TaskTemplate: { ...container, RestartPolicy: { Condition: 'foo' } } },
    'invalid RestartCondition: "foo"',
  ],
  [
    { TaskTemplate: container, UpdateConfig: { FailureAction: 'foo' } },
    'unrecognized update failure action foo',
  ],
  [{ TaskTemplate: container, UpdateConfig: { Order: 'foo' } }, 'unrecognized update order foo'],
  [
    { Name: 1 },
    'invalid JSON: json: cannot unmarshal number into Go struct field ServiceSpec.Name of type string',
  ],
  [
    { TaskTemplate: container, Mode: { Replicated: { Replicas: -1 } } },
    'invalid JSON: json: cannot unmarshal number -1 into Go struct field ServiceSpec.Mode.Replicated.Replicas of type uint64',
  ],
])('%j is refused', async (spec, text) => {
  expect(await create(spec)).toMatchObject({ status: 400, answer: message(text) });
});

test('what managers refuse has their words', async () => {
  expect(await create(plain('plain'))).toMatchObject({
    status: 409,
    answer: message(
      'rpc error: code = AlreadyExists desc = name conflicts with an existing object: service plain already exists',
    ),
  });
});

const notFound = (kind: string) => ({ status: 404, answer: message(`${kind} nope not found`) });
test.each(['nodes', 'services', 'tasks', 'secrets', 'configs'])('/%s', async (kind) => {
  expect(await ask('GET', `/${kind}/nope`)).toMatchObject(notFound(kind.slice(0, -1)));
  expect(await ask('GET', `/${kind}?filters={"bad":["x"]}`)).toMatchObject({
    status: 400,
    answer: message("invalid filter 'bad'"),
  });
  if (kind !== 'tasks')
    expect(await ask('DELETE', `/${kind}/nope`)).toMatchObject(notFound(kind.slice(0, -1)));
});

test.each([
  ['/nodes?filters={"role":["x"]}', 500, "Invalid role filter: 'x'"],
  ['/nodes?filters={"membership":["x"]}', 500, "Invalid membership filter: 'x'"],
  ['/tasks?filters={"desired-state":["x"]}', 500, "Invalid desired-state filter: 'x'"],
  ['/tasks?filters={"service":["nope"]}', 404, 'service nope not found'],
  ['/tasks?filters={"node":["nope"]}', 404, 'node nope not found'],
  ['/services?status=x', 400, 'invalid value for status: x: strconv.ParseBool: parsing "x": invalid syntax'],
  [
    '/services/plain?insertDefaults=x',
    400,
    'invalid value for insertDefaults: x: strconv.ParseBool: parsing "x": invalid syntax',
  ],
  ['/services/plain/logs', 500, 'Bad parameters: you must choose at least one stream'],
  ['/services/plain/logs?stdout=1&tail=x', 500, 'tail value must be a positive integer or "all"'],
  [
    '/services/plain/logs?stdout=1&since=x',
    500,
    'could not parse since timestamp: strconv.ParseInt: parsing "x": invalid syntax',
  ],
])('GET %s', async (url, status, text) => {
  expect(await ask('GET', url)).toMatchObject({ status, answer: message(text) });
});

const syntax = 'strconv.ParseUint: parsing "x": invalid syntax';
test.each([
  ['/nodes/node1/update?version=x', `invalid node version 'x': ${syntax}`],
  ['/services/plain/update?version=x', `invalid service version 'x': ${syntax}`],
  ['/swarm/update?version=x', `invalid swarm version 'x': ${syntax}`],
  ['/secrets/s/update?version=x', 'invalid secret version'],
  ['/configs/c/update', 'invalid config version'],
  ['/swarm/update?version=1&rotateWorkerToken=x', 'invalid value for rotateWorkerToken: x'],
  ['/nodes/node1/update?version=1', 'invalid Role: ""'],
])('POST %s', async (url, text) => {
  expect(await ask('POST', url, {})).toMatchObject({ status: 400, answer: message(text) });
});

test('an update names the version that it has seen', async () => {
  const outdated = await ask('POST', '/services/plain/update?version=1', plain('plain'));
  expect(outdated).toMatchObject({
    status: 500,
    answer: message('rpc error: code = Unknown desc = update out of sequence'),
  });
  const version = records.view.byName('services', 'plain')?.version;
  const scaled = plain('plain', { Mode: { Replicated: { Replicas: 3 } } });
  expect(await ask('POST', `/services/plain/update?version=${version}`, scaled)).toMatchObject({
    ...{ status: 200, answer: { Warnings: null } },
  });
  expect(records.view.byName('services', 'plain')?.spec.Mode).toEqual({ Replicated: { Replicas: 3 } });
});

test('services are found by the beginnings of names and ids, by label and by mode', async () => {
  records.commit((view) => {
    const found = view.byName('services', 'bare');
    return found
      ? {
          changes: [
            {
              table: 'services',
              put: { ...found, spec: service('bare', { Labels: { a: 'b' }, Mode: { Global: {} } }) },
            },
          ],
          result: 0,
        }
      : { changes: [], result: 0 };
  });
  const names = async (filters: object): Promise<readonly string[]> => {
    const { answer } = await ask('GET', `/services?filters=${encodeURIComponent(JSON.stringify(filters))}`);
    return (answer as { Spec: { Name: string } }[]).map(({ Spec }) => Spec.Name).sort();
  };
  expect(await names({ name: ['pla', 'no'] })).toEqual(['plain']);
  expect(await names({ label: ['a=b'] })).toEqual(['bare']);
  expect(await names({ mode: ['global'] })).toEqual(['bare']);
  expect(await names({ mode: ['x'] })).toEqual([]);
  expect(await names({ runtime: ['container'] })).toEqual(['bare', 'plain']);
});

test('counts of tasks are there for those who ask', async () => {
  const { answer } = await ask('GET', '/services?status=true&filters={"name":["plain"]}');
  expect(answer).toMatchObject([{ ServiceStatus: { RunningTasks: 0, DesiredTasks: 3, CompletedTasks: 0 } }]);
});

test('what a secret holds is never shown, what a config holds is', async () => {
  for (const kind of ['secrets', 'configs']) {
    expect(await ask('POST', `/${kind}/create`, { Name: 'x', Data: 'YQ==' })).toMatchObject({ status: 201 });
    const wrong = await ask('POST', `/${kind}/create`, { Name: 'y', Data: '!' });
    expect(wrong.answer).toMatchObject({
      message: expect.stringMatching(/Spec\.Data of type \[\]uint8: illegal base64 data at input byte 0$/),
    });
  }
  expect((await ask('GET', '/secrets/x')).answer).toMatchObject({ Spec: { Name: 'x', Labels: {} } });
  expect(JSON.stringify(await ask('GET', '/secrets'))).not.toContain('YQ==');
  expect((await ask('GET', '/configs/x')).answer).toMatchObject({ Spec: { Data: 'YQ==' } });
});
