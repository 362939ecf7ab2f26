import { describe, expect, it } from 'vitest';
import { Swarm, service } from '../../test/swarm/fixture.ts';
import { createConfig, createSecret, removeSecret, updateSecret } from './files.ts';
import { removeSwarmNetwork } from './networks.ts';
import { removeNode, updateNode } from './nodes.ts';
import { findObject } from './references.ts';
import { createService, removeService, updateService } from './services.ts';
import type { ServiceSpec } from './spec.ts';

const port = (PublishedPort: number, more = {}) => ({
  Protocol: 'tcp' as const,
  TargetPort: 80,
  PublishedPort,
  PublishMode: 'ingress' as const,
  ...more,
});
const secretRef = (SecretID: string, SecretName: string, Name = 'key') => ({
  SecretID,
  SecretName,
  File: { Name, UID: '0', GID: '0', Mode: 0o444 },
});
const container = (more: NonNullable<ServiceSpec['TaskTemplate']['ContainerSpec']>) => ({
  task: { ContainerSpec: { Image: 'busybox', ...more } },
});

describe('a service that is made', () => {
  it.each<[string, ServiceSpec, string | RegExp]>([
    ['without a name', service(''), 'code = InvalidArgument desc = meta: name must be provided'],
    ['with a bad name', service('a b'), 'name must be valid as a DNS name component'],
    ['with a long name', service('a'.repeat(64)), 'name must be 63 characters or fewer'],
    [
      'with little memory',
      service('a', { task: { Resources: { Limits: { MemoryBytes: 1024 } } } }),
      'invalid memory value 1024: Must be at least 4MiB',
    ],
    [
      'with little CPU',
      service('a', { task: { Resources: { Reservations: { NanoCPUs: 1e5 } } } }),
      'invalid cpu value 0.0001: Must be at least 0.001',
    ],
    [
      'with a constraint without operator',
      service('a', { task: { Placement: { Constraints: ['node.role=worker'] } } }),
      'code = Unknown desc = constraint expected one operator from ==, !=',
    ],
    [
      'with two modes',
      service('a', { Mode: { Global: {}, GlobalJob: {} } }),
      'must specify only one service mode',
    ],
    [
      'with a bad image',
      service('a', container({ Image: 'Bad Image' })),
      '"Bad Image" is not a valid repository/tag',
    ],
    [
      'with one mount point twice',
      service('a', container({ Mounts: [1, 2].map(() => ({ Type: 'tmpfs', Target: '/x' }) as const) })),
      'ContainerSpec: duplicate mount point: /x',
    ],
    [
      'with a published port and dnsrr',
      service('a', { EndpointSpec: { Mode: 'dnsrr', Ports: [port(80)] } }),
      "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
    ],
    [
      'with a port twice',
      service('a', { EndpointSpec: { Ports: [port(80), port(80)] } }),
      'EndpointSpec: duplicate published ports provided',
    ],
    [
      "with another service's port",
      service('a', { EndpointSpec: { Ports: [port(8080)] } }),
      /port '8080' is already in use by service 'web' \(\w{25}\) as an ingress port/,
    ],
    [
      'with a taken name',
      service('web'),
      'name conflicts with an existing object: service web already exists',
    ],
    ['on no network', service('a', { task: { Networks: [{ Target: 'none' }] } }), 'network none not found'],
    [
      'on the ingress network',
      service('a', { task: { Networks: [{ Target: 'ingress' }] } }),
      'Service cannot be explicitly attached to the ingress network "ingress"',
    ],
    [
      'with an unknown secret',
      service('a', container({ Secrets: [secretRef('x', 'key')] })),
      'secret not found: key',
    ],
    [
      'with two secrets in one place',
      service('a', container({ Secrets: [secretRef('x', 'one'), secretRef('y', 'two')] })),
      "secret references 'one' and 'two' have a conflicting target: 'key'",
    ],
    [
      'with an update of a job',
      service('a', { Mode: { ReplicatedJob: {} }, UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0 } }),
      'Jobs may not have an update config',
    ],
    [
      'with a template that names nothing',
      service('a', container({ Hostname: '{{.Service.Nam}}' })),
      'expanding hostname failed: template: expansion:1: cannot evaluate {{.Service.Nam}}',
    ],
  ])('%s is refused', (_what, spec, why) => {
    const swarm = new Swarm();
    swarm.commit(createService(service('web', { EndpointSpec: { Ports: [port(8080)] } }), swarm.context()));
    expect(() => swarm.commit(createService(spec, swarm.context()))).toThrow(why);
  });

  it('is refused on a network of one host, and finds host by its name', () => {
    const swarm = new Swarm();
    const local = (name: string, predefined: boolean) => ({
      ...swarm.context(),
      localNetwork: () => ({ name, predefined }),
    });
    const on = (Target: string) => service('a', { task: { Networks: [{ Target }] } });
    expect(() => swarm.commit(createService(on('0123'), local('lan', false)))).toThrow(
      'The network lan cannot be used with services. Only networks scoped to the swarm can be used, such as those created with the overlay driver.',
    );
    const made = swarm.commit(createService(on('0123'), local('host', true)));
    expect(made.spec.TaskTemplate.Networks?.[0]?.Target).toBe(swarm.view.byName('networks', 'host')?.id);
  });

  it('has ids of networks, and one replica where none is named', () => {
    const swarm = new Swarm();
    const { id } = swarm.network('back');
    const made = swarm.commit(
      createService(
        service('a', { Mode: undefined, task: { Networks: [{ Target: 'back' }] } } as never),
        swarm.context(),
      ),
    );
    expect([made.spec.Mode, made.spec.TaskTemplate.Networks]).toEqual([
      { Replicated: { Replicas: 1 } },
      [{ Target: id }],
    ]);
  });
});

describe('a service that is updated', () => {
  const start = () => {
    const swarm = new Swarm();
    const made = swarm.commit(createService(service('web'), swarm.context()));
    const get = () => findObject(swarm.view, 'services', made.id);
    const update = (spec: ServiceSpec, more = {}) =>
      swarm.commit(
        updateService(
          { id: made.id, version: get().version, spec, rollback: false, ...more },
          swarm.context(),
        ),
      );
    return { get, update, swarm };
  };

  it('goes back to the spec before, and from there forth', () => {
    const { get, update } = start();
    const next = service('web', container({ Image: 'busybox:2' }));
    update(next);
    expect([get().previousSpec?.TaskTemplate.ContainerSpec?.Image, get().updateStatus]).toEqual([
      'busybox',
      undefined,
    ]);
    update(next, { rollback: true });
    expect([
      get().spec.TaskTemplate.ContainerSpec?.Image,
      get().specVersion,
      get().updateStatus?.message,
    ]).toEqual(['busybox', 0, 'manually requested rollback']);
    update(next, { rollback: true });
    expect(get().spec.TaskTemplate.ContainerSpec?.Image).toBe('busybox:2');
  });

  it.each<[string, ServiceSpec, object, string]>([
    [
      'by an older version',
      service('web'),
      { version: 1 },
      'rpc error: code = Unknown desc = update out of sequence',
    ],
    [
      'to another name',
      service('other'),
      {},
      'code = Unimplemented desc = renaming services is not supported',
    ],
    ['to another mode', service('web', { Mode: { Global: {} } }), {}, 'service mode change is not allowed'],
    ['back to nothing', service('web'), { rollback: true }, 'does not have a previous spec'],
  ])('%s is refused', (_what, spec, more, why) => {
    expect(() => start().update(spec, more)).toThrow(why);
  });
});

describe('what a service uses', () => {
  it('is not removed before it', () => {
    const swarm = new Swarm();
    const { id: network } = swarm.network('back');
    const secret = swarm.commit(createSecret({ Name: 'key', Labels: {}, Data: 'eA==' }, swarm.context()));
    const web = swarm.commit(
      createService(
        service('web', {
          ...container({ Secrets: [secretRef(secret.id, 'key')] }),
          Networks: [{ Target: 'back' }],
          EndpointSpec: { Ports: [port(80)] },
        }),
        swarm.context(),
      ),
    );
    expect(() => swarm.commit(removeSecret(secret.id))).toThrow(
      "rpc error: code = InvalidArgument desc = secret 'key' is in use by the following service: web",
    );
    expect(() => swarm.commit(removeSwarmNetwork(network))).toThrow(
      `network ${network} is in use by service ${web.id}`,
    );
    const ingress = swarm.view.byName('networks', 'ingress')?.id ?? '';
    expect(() => swarm.commit(removeSwarmNetwork(ingress))).toThrow(
      'ingress network cannot be removed because service',
    );
    swarm.commit(removeService(web.id));
    for (const transition of [
      removeSecret(secret.id),
      removeSwarmNetwork(network),
      removeSwarmNetwork(ingress),
    ])
      swarm.commit(transition as never);
    const host = swarm.view.byName('networks', 'host')?.id ?? '';
    expect(() => swarm.commit(removeSwarmNetwork(host))).toThrow(
      'is a swarm predefined network and cannot be removed',
    );
  });
});

describe('secrets, configs and nodes', () => {
  it('are checked', () => {
    const swarm = new Swarm();
    const make = (spec: object) => () =>
      swarm.commit(createSecret({ Name: 'key', Labels: {}, Data: 'eA==', ...spec }, swarm.context()));
    const made = make({})();
    expect(make({})).toThrow('code = AlreadyExists desc = secret key already exists');
    expect(make({ Name: '-x' })).toThrow('invalid name, only 64 [a-zA-Z0-9-_.] characters allowed');
    expect(make({ Name: 'big', Data: Buffer.alloc(512_000).toString('base64') })).toThrow(
      'secret data must be larger than 0 and less than 512000 bytes',
    );
    expect(() => swarm.commit(createConfig({ Name: 'c', Labels: {}, Data: '' }, swarm.context()))).toThrow(
      'config data must be larger than 0 and less than 1024000 bytes',
    );
    const update = {
      id: made.id,
      version: swarm.view.revision,
      spec: { Name: 'key', Labels: { a: '1' }, Data: 'eQ==' },
    };
    expect(() => swarm.commit(updateSecret(update, swarm.context()))).toThrow(
      'only updates to Labels are allowed',
    );
    swarm.commit(updateSecret({ ...update, spec: { Name: 'key', Labels: { a: '1' } } }, swarm.context()));
    expect(swarm.view.get('secrets', made.id)?.spec).toEqual({
      Name: 'key',
      Labels: { a: '1' },
      Data: 'eA==',
    });
  });

  it('of which the last manager stays one, and a ready node is not removed', () => {
    const swarm = new Swarm();
    const spec = { Name: '', Labels: {}, Role: 'manager', Availability: 'active' } as const;
    const manager = { address: '192.0.2.1:2377', reachability: 'reachable', leader: true } as const;
    const { id } = swarm.node('one', { spec, manager });
    const worker = swarm.node('two');
    const demote = {
      id,
      version: swarm.view.get('nodes', id)?.version ?? 0,
      spec: { ...spec, Role: 'worker' as const },
    };
    expect(() => swarm.commit(updateNode(demote, swarm.context()))).toThrow(
      'attempting to demote the last manager of the swarm',
    );
    expect(() => swarm.commit(removeNode({ id, force: true }, swarm.context()))).toThrow(
      'It must be demoted to worker before removal',
    );
    expect(() => swarm.commit(removeNode({ id: worker.id, force: false }, swarm.context()))).toThrow(
      `node ${worker.id} is not down and can't be removed`,
    );
    swarm.commit(removeNode({ id: worker.id, force: true }, swarm.context()));
    expect(() => findObject(swarm.view, 'nodes', 'two')).toThrow('node two not found');
    expect(findObject(swarm.view, 'nodes', 'one').id).toBe(id);
  });
});
