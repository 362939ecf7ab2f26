import { expect, it } from 'vitest';
import { world } from '../../../../test/model/fixture.ts';
import type { Network } from '../../../model/network.ts';
import type { SwarmTask } from '../../../swarm/records.ts';
import { containerRequest } from './container-request.ts';

const blank: SwarmTask = {
  ...{
    id: 't1',
    version: 1,
    createdAt: '',
    updatedAt: '',
    serviceId: 's1',
    service: { Name: 'web', Labels: {} },
  },
  ...{ slot: 2, nodeId: 'n1', spec: {}, specVersion: 1, attachments: [], ports: [], desiredState: 'running' },
  status: { timestamp: '', state: 'assigned', message: '', error: '' },
};
const place = (networkId: string, ...addresses: readonly string[]) => ({
  ...{ networkId, addresses, mac: '02:00:00:00:00:01', aliases: ['db'] },
});
const defaults = {
  ...{ shmSize: 1, ipcMode: 'private', cgroupnsMode: 'private', runtime: 'runc' },
  ...{ logDriver: 'json-file', logOptions: { tag: 'x' } },
};
function request(task: Partial<SwarmTask>) {
  const local = world().network('x');
  const overlay = { vnis: [4097], mtu: 1450, encrypted: false };
  const networks: Record<string, Network> = {
    app: { ...local, id: 'app', name: 'my-app', driver: 'overlay', scope: 'swarm', overlay },
    mesh: {
      ...local,
      id: 'mesh',
      name: 'ingress',
      driver: 'overlay',
      scope: 'swarm',
      ingress: true,
      overlay,
    },
    host: { ...local, id: 'host', name: 'host', driver: 'host', scope: 'swarm' },
  };
  const context = { defaults, gatewayNetwork: 'docker_gwbridge', network: (id: string) => networks[id] };
  const spec = { ...task.spec, ContainerSpec: { Image: 'busybox', ...task.spec?.ContainerSpec } };
  return containerRequest({ ...blank, ...task, spec }, context);
}

it('has the name and labels by which Docker knows a task', () => {
  const { name, config } = request({ spec: { ContainerSpec: { Image: 'busybox', Labels: { a: 'b' } } } });
  expect(name).toBe('web.2.t1');
  expect(config.Labels).toEqual({
    a: 'b',
    'com.docker.swarm.node.id': 'n1',
    'com.docker.swarm.service.id': 's1',
    'com.docker.swarm.service.name': 'web',
    'com.docker.swarm.task': '',
    'com.docker.swarm.task.id': 't1',
    'com.docker.swarm.task.name': 'web.2.t1',
  });
  expect(request({ slot: 0 }).name).toBe('web.n1.t1');
});

it('replaces the entrypoint with a command, and keeps it with arguments alone', () => {
  const one = request({ spec: { ContainerSpec: { Command: ['a'], Args: ['b'] } } }).config;
  expect([one.Entrypoint, one.Cmd]).toEqual([['a'], ['b']]);
  const other = request({ spec: { ContainerSpec: { Args: ['b'] } } }).config;
  expect([other.Entrypoint, other.Cmd]).toEqual([null, ['b']]);
});

it('has the places that the leader chose, and the gateway network for the mesh', () => {
  const { networks, hostConfig } = request({
    attachments: [place('mesh', '10.0.0.5/24'), place('app', '10.0.1.5/24', 'fd00::5/64')],
    ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' }],
  });
  expect(
    networks.map(({ network, ipv4, ipv6, mac, aliases }) => [network, ipv4, ipv6, mac, aliases]),
  ).toEqual([
    ['my-app', '10.0.1.5', 'fd00::5', '02:00:00:00:00:01', []],
    ['docker_gwbridge', undefined, undefined, undefined, []],
  ]);
  expect(hostConfig.NetworkMode).toBe('my-app');
  const ports = [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080 }] as const;
  expect(request({ ports }).hostConfig.NetworkMode).toBe('docker_gwbridge');
  expect(request({ attachments: [place('host')] })).toMatchObject({
    ...{ networks: [], hostConfig: { NetworkMode: 'host' } },
  });
  expect(request({})).toMatchObject({ networks: [], hostConfig: { NetworkMode: 'bridge' } });
  expect(request({ attachments: [place('gone')] }).networks[0]?.network).toBe('gone');
});

it('publishes the ports of this host, and none of the mesh', () => {
  const { config, hostConfig } = request({
    ports: [
      { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' },
      { Protocol: 'tcp', TargetPort: 80, PublishMode: 'host' },
      { Protocol: 'udp', TargetPort: 53, PublishedPort: 5353, PublishMode: 'ingress' },
    ],
  });
  expect(hostConfig.PortBindings).toEqual({ '80/tcp': [{ HostPort: '8080' }, { HostPort: '' }] });
  expect(config.ExposedPorts).toEqual({ '80/tcp': {} });
});

it('has limits, hosts, names, privileges and the log driver of the service', () => {
  const { hostConfig } = request({
    spec: {
      ContainerSpec: {
        Hosts: ['192.0.2.7 db db.example'],
        DNSConfig: { Nameservers: ['192.0.2.53'], Search: ['example'], Options: ['ndots:2'] },
        Privileges: {
          ...{ NoNewPrivileges: true, AppArmor: { Mode: 'disabled' } },
          SELinuxContext: { Disable: false, User: '', Type: 'spc_t' },
          Seccomp: { Mode: 'custom', Profile: Buffer.from('{}').toString('base64') },
        },
        Init: false,
      },
      Resources: { Limits: { NanoCPUs: 5e8, MemoryBytes: 1e8, Pids: 7 }, Reservations: { MemoryBytes: 5e7 } },
      LogDriver: { Name: 'local', Options: { a: 'b' } },
    },
  });
  expect(hostConfig).toMatchObject({
    ExtraHosts: ['db:192.0.2.7', 'db.example:192.0.2.7'],
    ...{ Dns: ['192.0.2.53'], DnsSearch: ['example'], DnsOptions: ['ndots:2'], Init: false },
    SecurityOpt: ['label=type:spc_t', 'seccomp={}', 'apparmor=unconfined', 'no-new-privileges=true'],
    ...{ NanoCpus: 5e8, Memory: 1e8, MemorySwap: 2e8, MemoryReservation: 0, PidsLimit: 7 },
    LogConfig: { Type: 'local', Config: { a: 'b' } },
    RestartPolicy: { Name: 'no' },
  });
  expect(request({}).hostConfig.LogConfig).toEqual({ Type: 'json-file', Config: { tag: 'x' } });
});

it('is refused as any container would be', () => {
  const of = (spec: object) => () => request({ spec: { ContainerSpec: { Image: 'busybox', ...spec } } });
  expect(of({ Isolation: 'hyperv' })).toThrow("invalid isolation (hyperv): linux only supports 'default'");
  expect(of({ Mounts: [{ Type: 'tmpfs', Target: 'x' }] })).toThrow('mount path must be absolute');
  expect(of({ Healthcheck: { Test: ['CMD', 'true'], Interval: 1 } })).toThrow('cannot be less than 1ms');
  expect(of({ Dir: 'x' })).toThrow('needs to be an absolute path');
});
