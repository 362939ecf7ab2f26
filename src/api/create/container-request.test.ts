import { describe, expect, test } from 'vitest';
import { blankEndpointSpec as ask } from '../../model/blank.ts';
import type { ContainerCreate } from '../schemas/containers.ts';
import { requestOf } from './container-request.ts';
import { plainDefaults } from './defaults.ts';

const requested = (request: ContainerCreate, version = 50) =>
  requestOf(
    { Image: 'busybox', ...request },
    { name: '/web', platform: '', defaults: plainDefaults, version },
  );

const host = (HostConfig: ContainerCreate['HostConfig'], more: ContainerCreate = {}) =>
  requested({ ...more, ...(HostConfig && { HostConfig }) });

test("what is left open gets Docker's defaults", () => {
  const { name, hostConfig, config } = requested({});
  expect(name).toBe('web');
  expect(hostConfig).toMatchObject({
    NetworkMode: 'default',
    ShmSize: 67108864,
    IpcMode: 'private',
    Runtime: 'runc',
    LogConfig: { Type: 'json-file', Config: {} },
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    Binds: null,
    Dns: [],
    PidsLimit: null,
  });
  expect(hostConfig.MaskedPaths).toContain('/proc/kcore');
  expect(config).toMatchObject({ Cmd: null, Entrypoint: null, Env: [], Labels: {} });
});

test('a privileged container has no hidden paths', () => {
  expect(host({ Privileged: true }).hostConfig).toMatchObject({ MaskedPaths: null, ReadonlyPaths: null });
});

test('how clients say nothing is nothing', () => {
  expect(host({ MemorySwappiness: -1, PidsLimit: 0, ShmSize: 0 }).hostConfig).toMatchObject({
    MemorySwappiness: null,
    PidsLimit: null,
    ShmSize: 67108864,
  });
});

test('published ports are exposed', () => {
  const { config, hostConfig } = host({ PortBindings: { '80': [{ HostPort: '0' }] } });
  expect(config.ExposedPorts).toEqual({ '80/tcp': {} });
  expect(hostConfig.PortBindings).toEqual({ '80/tcp': [{ HostPort: '0' }] });
});

test('networks are asked for in the order given', () => {
  const { networks } = requested({
    HostConfig: { NetworkMode: 'n1' },
    NetworkingConfig: {
      EndpointsConfig: {
        n1: { Aliases: ['a'], IPAMConfig: { IPv4Address: '10.0.0.2' } },
        n2: { GwPriority: 5 },
      },
    },
  });
  expect(networks).toEqual([ask('n1', { aliases: ['a'], ipv4: '10.0.0.2' }), ask('n2', { gwPriority: 5 })]);
});

test('networks without a mode are all there are', () => {
  const asked = requested({ NetworkingConfig: { EndpointsConfig: { n1: {} } } });
  expect(asked.networks).toEqual([ask('n1')]);
});

test('the old MAC address is that of the main network', () => {
  expect(requested({ MacAddress: '02:00:00:00:00:0A' }).networks).toEqual([
    ask('bridge', { mac: '02:00:00:00:00:0A' }),
  ]);
  const elsewhere = {
    MacAddress: '02:00:00:00:00:0A',
    HostConfig: { NetworkMode: 'n1' },
    NetworkingConfig: { EndpointsConfig: { n2: {} } },
  };
  expect(() => requested(elsewhere)).toThrow('HostConfig.NetworkMode must match the identity of a network');
  // before 1.44 there is one network, and the address is in that
  expect(requested(elsewhere, 43).networks).toEqual([ask('n2', { mac: '02:00:00:00:00:0A' })]);
});

test('before 1.44 a container is made on one network, and an endpoint has no MAC address to be asked', () => {
  const two = { NetworkingConfig: { EndpointsConfig: { n2: {}, n1: {} } } };
  expect(() => requested(two, 43)).toThrow(
    'Container cannot be created with multiple network endpoints: n1, n2',
  );
  expect(requested(two, 44).networks).toHaveLength(2);
  const one = { NetworkingConfig: { EndpointsConfig: { n1: { MacAddress: '02:00:00:00:00:0a' } } } };
  expect([43, 44].map((version) => requested(one, version).networks[0]?.mac)).toEqual([
    undefined,
    '02:00:00:00:00:0a',
  ]);
});

test('a request that asks for no container is refused', () => {
  expect(() => requestOf({}, { name: '', platform: '', defaults: plainDefaults, version: 50 })).toThrow(
    'config cannot be empty',
  );
});

describe('in the words of Docker', () => {
  const container = { NetworkMode: 'container:c1' };
  test.each<[string, ContainerCreate]>([
    ['invalid port specification: "99999"', { HostConfig: { PortBindings: { '99999/tcp': [] } } }],
    [
      'invalid port specification: "99999"',
      { HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '99999' }] } } },
    ],
    ['invalid proto: 80/foo', { HostConfig: { PortBindings: { '80/foo': [] } } }],
    [
      'conflicting options: port publishing and the container type network mode',
      { HostConfig: { ...container, PortBindings: { '80/tcp': [] } } },
    ],
    ['conflicting options: hostname and the network mode', { HostConfig: container, Hostname: 'h' }],
    ['conflicting options: dns and the network mode', { HostConfig: { ...container, Dns: ['1.1.1.1'] } }],
    [
      'conflicting options: custom host-to-IP mapping and the network mode',
      { HostConfig: { ...container, ExtraHosts: ['a:1.1.1.1'] } },
    ],
    [
      'conflicting options: port exposing and the container type network mode',
      { HostConfig: container, ExposedPorts: { '80/tcp': {} } },
    ],
    [
      "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
      { HostConfig: { NetworkMode: 'host', Links: ['c1:a'] } },
    ],
    ['conflicting options: hostname and the UTS mode', { HostConfig: { UTSMode: 'host' }, Hostname: 'h' }],
    ['SHM size can not be less than 0', { HostConfig: { ShmSize: -1 } }],
    ["the working directory 'foo' is invalid", { WorkingDir: 'foo' }],
    ['invalid environment variable: =a', { Env: ['=a'] }],
    ['bad format for add-host: "foo"', { HostConfig: { ExtraHosts: ['foo'] } }],
    ['Interval in Healthcheck cannot be less than 1ms', { Healthcheck: { Interval: 1 } }],
    ['Duplicate mount point: /b', { HostConfig: { Binds: ['/a:/b', '/c:/b/'] } }],
    ['invalid mode: zz', { HostConfig: { Binds: ['/a:/b:zz'] } }],
    [
      `invalid volume specification: 'a:b': invalid mount config for type "volume": invalid mount path: 'b' mount path must be absolute`,
      { HostConfig: { Binds: ['a:b'] } },
    ],
    [
      'invalid mount config for type "foo": mount type unknown',
      { HostConfig: { Mounts: [{ Type: 'foo', Target: '/x' }] } },
    ],
    [
      'invalid mount config for type "bind": field Source must not be empty',
      { HostConfig: { Mounts: [{ Type: 'bind', Target: '/x' }] } },
    ],
    ['invalid IPC mode: foo', { HostConfig: { IpcMode: 'foo' } }],
    [`invalid isolation (hyperv): linux only supports 'default'`, { HostConfig: { Isolation: 'hyperv' } }],
  ])('%s', (message, request) => {
    expect(() => requested(request)).toThrow(message);
  });
});

describe('what would be silently ignored is refused by name', () => {
  test.each<[string, ContainerCreate]>([
    ['HostConfig.StorageOpt', { HostConfig: { StorageOpt: { size: '1G' } } }],
    ['HostConfig.DeviceRequests', { HostConfig: { DeviceRequests: [{ Count: -1 }] } }],
    ['HostConfig.UsernsMode', { HostConfig: { UsernsMode: 'private' } }],
    ['unknown or invalid runtime name: kata', { HostConfig: { Runtime: 'kata' } }],
    ['HostConfig.KernelMemory', { HostConfig: { KernelMemory: 5 } }],
  ])('%s', (name, request) => {
    expect(() => requested(request)).toThrow(name);
  });

  test('and accepted when it is empty', () => {
    const empty = {
      StorageOpt: {},
      DeviceRequests: [],
      KernelMemory: 0,
      UsernsMode: '',
      BlkioWeightDevice: [],
    };
    expect(() =>
      host({ ...empty, Runtime: 'runc', VolumeDriver: 'local', Isolation: 'default' }),
    ).not.toThrow();
  });
});

describe('older versions of the API', () => {
  const of = (version: number, HostConfig: ContainerCreate['HostConfig']) =>
    requestOf(
      { Image: 'busybox', ...(HostConfig && { HostConfig }) },
      { name: '', platform: '', defaults: plainDefaults, version },
    );

  test('had a shareable IPC namespace until 1.39', () => {
    expect(of(39, {}).hostConfig.IpcMode).toBe('shareable');
    expect(of(39, { IpcMode: 'private' }).hostConfig.IpcMode).toBe('private');
    expect(of(40, {}).hostConfig.IpcMode).toBe('private');
  });

  test('had the cgroup namespace of a host with cgroups v1 until 1.40', () => {
    const mode = (version: number, defaults: object, HostConfig: ContainerCreate['HostConfig'] = {}) =>
      requestOf(
        { Image: 'busybox', HostConfig },
        { name: '', platform: '', version, defaults: { ...plainDefaults, ...defaults } },
      ).hostConfig.CgroupnsMode;
    expect([mode(40, { cgroupVersion: 1 }), mode(41, { cgroupVersion: 1 })]).toEqual(['host', 'private']);
    expect([
      mode(40, { cgroupVersion: 2 }),
      mode(40, { cgroupVersion: 1 }, { CgroupnsMode: 'private' }),
    ]).toEqual(['private', 'private']);
    expect(mode(50, { cgroupVersion: 1 }, { Privileged: true })).toBe('host');
    expect(mode(50, { cgroupVersion: 2 }, { Privileged: true })).toBe('private');
  });

  test('had no annotations until 1.42', () => {
    expect(of(42, { Annotations: { a: 'x' } }).hostConfig.Annotations).toBeUndefined();
    expect(of(43, { Annotations: { a: 'x' } }).hostConfig.Annotations).toEqual({ a: 'x' });
    expect(() => of(43, { Annotations: { '': 'x' } })).toThrow('the empty string is not permitted');
  });

  test('had binds that are read-only at their top until 1.43', () => {
    const mount = { Type: 'bind', Source: '/srv', Target: '/p', ReadOnly: true };
    const bound = (BindOptions: object) => ({ Mounts: [{ ...mount, BindOptions }] });
    expect([of(43, {}).readOnlyTop, of(44, {}).readOnlyTop]).toEqual([true, undefined]);
    expect(of(43, bound({ NonRecursive: true })).hostConfig.Mounts).toMatchObject([
      { BindOptions: { NonRecursive: true, ReadOnlyNonRecursive: true } },
    ]);
    expect(() => of(43, bound({ ReadOnlyForceRecursive: true }))).toThrow('needs API v1.44 or newer');
  });
});
