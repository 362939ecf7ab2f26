import { expect, test } from 'vitest';
import {
  backend,
  bridge,
  containerOf,
  detailOf,
  endpointOf,
  hex,
  running,
  sandboxOf,
} from '../../../test/api/records.ts';
import { blankEndpointSpec as spec } from '../../model/blank.ts';
import type { ContainerCreate } from '../schemas/containers.ts';
import { presentContainer } from './container-inspect.ts';
import { linkNames, presentListEntry } from './container-list.ts';

const request: ContainerCreate = {
  Image: 'busybox',
  Cmd: ['sh', '-c', 'exit 3'],
  ExposedPorts: { '99/tcp': {} },
  HostConfig: { NetworkMode: 'backend', PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
};

const web = containerOf(hex('1'), request, { name: 'web', state: running() });
const port = {
  protocol: 'tcp' as const,
  containerPort: 80,
  address: '172.30.0.2',
  endpointId: hex('e'),
  asked: { hostIP: '', hostPort: '' },
};

const onBackend = detailOf(web, {
  sandbox: sandboxOf(web, {
    ports: [
      { ...port, hostIP: '0.0.0.0', hostPort: 8080 },
      { ...port, hostIP: '::', hostPort: 8080 },
    ],
  }),
  attachments: [
    { network: backend, spec: spec('backend', { aliases: ['al'] }), endpoint: endpointOf(web, backend) },
  ],
});

const settings = (detail = onBackend, version = 50) =>
  (presentContainer(detail, { version, size: undefined }) as { NetworkSettings: Record<string, unknown> })
    .NetworkSettings;

test('ports that are only exposed are null', () => {
  expect(settings().Ports).toEqual({
    '80/tcp': [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ],
    '99/tcp': null,
  });
});

test('an endpoint on two families has both addresses and gateways', () => {
  expect(settings().Networks).toEqual({
    backend: {
      IPAMConfig: null,
      Links: null,
      Aliases: ['al'],
      MacAddress: '02:42:ac:1e:00:02',
      DriverOpts: null,
      GwPriority: 0,
      NetworkID: backend.id,
      EndpointID: hex('e'),
      Gateway: '172.30.0.1',
      IPAddress: '172.30.0.2',
      IPPrefixLen: 16,
      IPv6Gateway: 'fd01::1',
      GlobalIPv6Address: 'fd01::2',
      GlobalIPv6PrefixLen: 64,
      DNSNames: ['web', '111111111111'],
    },
  });
});

const onlyNetwork = (network: typeof backend, endpoint = endpointOf(web, network)): unknown => {
  const attachments = [{ network, spec: spec('backend'), endpoint }];
  return (settings({ ...onBackend, attachments }).Networks as Record<string, unknown>).backend;
};

test('a link-local address is not the address of its family', () => {
  const place = spec('backend', { linkLocal: ['fe80::77'] });
  const addresses = ['172.30.0.2/16', 'fe80::77/64'];
  const endpoint = { ...endpointOf(web, backend), addresses, spec: place };
  expect(onlyNetwork(backend, endpoint)).toMatchObject({ IPAddress: '172.30.0.2', GlobalIPv6Address: '' });
});

test('the gateway is the one that leads out: none of an internal network, or another than the pool has', () => {
  expect(onlyNetwork({ ...backend, internal: true })).toMatchObject({ Gateway: '', IPv6Gateway: '' });
  const [pool] = backend.ipam.pools;
  if (!pool) throw new Error('the network has no pool');
  const named = { ...pool, auxAddresses: { DefaultGatewayIPv4: '172.30.0.254' } };
  const network = { ...backend, ipam: { ...backend.ipam, pools: [named] } };
  expect(onlyNetwork(network)).toMatchObject({ Gateway: '172.30.0.254' });
});

test('who is on internal networks alone exposes nothing', () => {
  const attachments = [
    { network: { ...backend, internal: true }, spec: spec('backend'), endpoint: endpointOf(web, backend) },
  ];
  expect(settings({ ...onBackend, attachments }).Ports).not.toHaveProperty('99/tcp');
});

test('before 1.45 the short id is an alias', () => {
  expect(settings(onBackend, 44).Networks).toMatchObject({ backend: { Aliases: ['al', '111111111111'] } });
});

test('the top-level addresses are those of the default bridge', () => {
  expect(settings()).toMatchObject({ IPAddress: '', EndpointID: '', MacAddress: '' });
  const onBridge = detailOf(web, {
    attachments: [{ network: bridge, spec: spec('bridge'), endpoint: endpointOf(web, bridge) }],
  });
  expect(settings(onBridge)).toMatchObject({
    IPAddress: '172.17.0.2',
    Gateway: '172.17.0.1',
    IPPrefixLen: 16,
  });
});

test('a container in the network of another shows no sandbox and no ports', () => {
  const other = containerOf(hex('2'), { Image: 'busybox' }, { name: 'other' });
  const joined = containerOf(hex('1'), { Image: 'busybox', HostConfig: { NetworkMode: 'container:other' } });
  expect(settings(detailOf({ ...joined, state: running() }, { sandbox: sandboxOf(other) }))).toMatchObject({
    SandboxID: '',
    Ports: {},
    Networks: {},
  });
});

test('a MAC address that was asked is told as it was written, and in its place while the container has not run', () => {
  const asked = containerOf(hex('1'), { Image: 'busybox', MacAddress: '02:00:00:00:00:0A' });
  const detail = detailOf(asked, {
    attachments: asked.networks.map((own) => ({ network: bridge, spec: own, endpoint: undefined })),
  });
  const at = (status: 'created' | 'exited') =>
    presentContainer(
      { ...detail, container: { ...asked, state: { ...asked.state, status } } },
      { version: 50, size: undefined },
    );
  const written = { MacAddress: '02:00:00:00:00:0A' };
  expect(at('created')).toMatchObject({
    Config: written,
    NetworkSettings: { ...written, Networks: { bridge: { ...written, NetworkID: '' } } },
  });
  expect(at('exited')).toMatchObject({
    Config: written,
    NetworkSettings: { MacAddress: '', Networks: { bridge: { MacAddress: '', NetworkID: bridge.id } } },
  });
});

test('the command and the links are told as Docker tells them', () => {
  const linked = containerOf(
    hex('3'),
    { Image: 'busybox', HostConfig: { Links: ['web:db'] } },
    { name: 'app' },
  );
  expect(presentContainer(detailOf(linked), { version: 50, size: undefined })).toMatchObject({
    Path: 'sh',
    Args: [],
    HostConfig: { Links: ['/web:/app/db'] },
  });
  expect(linkNames([detailOf(linked)]).get('web')).toEqual(['/app/db']);
});

test('an entry of the list has command, ports and status in words', () => {
  const now = Date.parse('2026-01-01T00:00:02Z');
  const entry = presentListEntry(onBackend, { version: 50, now, linkNames: ['/app/db'], size: undefined });
  expect(entry).toMatchObject({
    Names: ['/web', '/app/db'],
    Image: 'busybox',
    Command: "sh -c 'exit 3'",
    Created: 1767225600,
    Status: 'Up 2 seconds',
    Ports: [
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { PrivatePort: 99, Type: 'tcp' },
    ],
  });
});

test('an entry of the list has annotations since 1.46', () => {
  const detail = detailOf({ ...web, hostConfig: { ...web.hostConfig, Annotations: { a: 'b' } } });
  const hostConfig = (version: number): object =>
    (presentListEntry(detail, { version, now: 0, linkNames: [], size: undefined }) as { HostConfig: object })
      .HostConfig;
  expect(hostConfig(45)).not.toHaveProperty('Annotations');
  expect(hostConfig(46)).toMatchObject({ Annotations: { a: 'b' } });
});

test('an image whose name has moved on is shown by its id', () => {
  const old = detailOf({ ...web, config: { ...web.config, Image: 'other' } });
  expect(presentListEntry(old, { version: 50, now: 0, linkNames: [], size: undefined })).toMatchObject({
    Image: web.image,
  });
});
