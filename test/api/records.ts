/** Plain records for tests: a container on a network of its own, and what belongs to it. */

import { requestOf } from '../../src/api/create/container-request.ts';
import { plainDefaults } from '../../src/api/create/defaults.ts';
import type { ContainerCreate } from '../../src/api/schemas/containers.ts';
import type { ContainerDetail } from '../../src/engine/container-verbs.ts';
import type { NetworkDetail } from '../../src/engine/network-verbs.ts';
import type { SystemInfo } from '../../src/engine/system-verbs.ts';
import { fail } from '../../src/errors.ts';
import { blankEndpointSpec, blankNetwork, blankSandbox } from '../../src/model/blank.ts';
import { type Container, NEVER } from '../../src/model/container.ts';
import { initialState } from '../../src/model/containers.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Image } from '../../src/model/image.ts';
import type { Network } from '../../src/model/network.ts';
import type { Sandbox } from '../../src/model/sandbox.ts';
import { withParsed } from '../model/networks.ts';

export const hex = (digit: string): string => digit.repeat(64);

export const busybox: Image = {
  id: `sha256:${hex('b')}`,
  tags: ['busybox:latest'],
  digests: [],
  parent: '',
  created: '2026-01-01T00:00:00.000000000Z',
  author: '',
  comment: 'Imported from -',
  architecture: 'amd64',
  variant: '',
  os: 'linux',
  config: { Cmd: ['sh'] },
  layers: [`sha256:${hex('1')}`],
  diffIds: [`sha256:${hex('2')}`],
  history: [],
  size: 1984230,
};

export const bridge: Network = withParsed({
  ...blankNetwork,
  id: hex('a'),
  name: 'bridge',
  created: '2026-01-01T00:00:00.000000000Z',
  options: { 'com.docker.network.bridge.name': 'docker0' },
  ipam: {
    driver: 'default',
    options: {},
    pools: [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1', auxAddresses: {} }],
  },
  link: 'docker0',
  predefined: true,
});

/** A user-defined network with both families. */
export const backend: Network = {
  ...bridge,
  id: hex('c'),
  name: 'backend',
  enableIPv6: true,
  options: {},
  labels: { tier: 'db' },
  ipam: {
    driver: 'default',
    options: {},
    pools: [
      {
        subnet: '172.30.0.0/16',
        gateway: '172.30.0.1',
        ipRange: '172.30.4.0/24',
        auxAddresses: { a: '172.30.0.9' },
      },
      { subnet: 'fd01::/64', gateway: 'fd01::1', auxAddresses: {} },
    ],
  },
  link: 'br-cccccccccccc',
  predefined: false,
};

export function endpointOf(container: Container, network: Network, more: Partial<Endpoint> = {}): Endpoint {
  return {
    id: hex('e'),
    networkId: network.id,
    sandboxId: hex('5'),
    containerId: container.id,
    name: container.name,
    ifname: 'eth0',
    hostLink: 'veth0',
    mac: '02:42:ac:1e:00:02',
    addresses: network.enableIPv6 ? ['172.30.0.2/16', 'fd01::2/64'] : ['172.17.0.2/16'],
    dnsNames: [container.name, container.id.slice(0, 12)],
    order: 0,
    spec: blankEndpointSpec(network.name),
    ...more,
  };
}

export function sandboxOf(container: Container, more: Partial<Sandbox> = {}): Sandbox {
  return {
    ...blankSandbox,
    id: hex('5'),
    containerId: container.id,
    path: '/run/seaway/netns/555555555555',
    hostname: container.id.slice(0, 12),
    ...more,
  };
}

/** A container as a create request asks for it. */
export function containerOf(id: string, body: ContainerCreate, more: Partial<Container> = {}): Container {
  const request = requestOf(body, { name: '', platform: '', defaults: plainDefaults, version: 50 });
  return {
    id,
    name: `c${id.slice(0, 2)}`,
    created: '2026-01-01T00:00:00.000000000Z',
    image: busybox.id,
    config: request.config,
    hostConfig: request.hostConfig,
    networks: request.networks,
    mounts: [],
    state: initialState,
    restartCount: 0,
    sandboxId: '',
    anonymousVolumes: [],
    ...more,
  };
}

export const running = (startedAt = '2026-01-01T00:00:00.000000000Z'): Container['state'] => ({
  status: 'running',
  pid: 4711,
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt,
  finishedAt: NEVER,
  stoppedByUser: false,
});

export function detailOf(container: Container, more: Partial<ContainerDetail> = {}): ContainerDetail {
  const folder = `/var/lib/seaway/containers/${container.id}`;
  return {
    container,
    sandbox: undefined,
    attachments: [],
    image: busybox,
    execIds: [],
    logPath: `${folder}/log`,
    appArmorProfile: '',
    files: { hosts: `${folder}/hosts`, hostname: `${folder}/hostname`, resolvConf: `${folder}/resolv.conf` },
    root: { lower: ['/l'], upper: '/u', work: '/w', merged: '/m' },
    ...more,
  };
}

export const networkDetail = (network: Network, endpoints: readonly Endpoint[] = []): NetworkDetail => ({
  network,
  endpoints,
});

/** A host that can limit everything. */
export const systemInfo: SystemInfo = {
  cluster: { store: '', advertise: '' },
  ...{ id: 'f1', version: '0.1.0', runc: '1.1.5' },
  ...{ name: 'vm', architecture: 'x86_64', kernel: '6.1', operatingSystem: 'Debian', osVersion: '12' },
  ...{ processors: 2, memoryBytes: 2 ** 31, cgroupVersion: '2', ipv4Forwarding: true },
  limits: {
    ...{ memory: true, swap: true, reservation: true, swappiness: true, oomKillDisable: true },
    ...{ kernelMemoryTcp: true, pids: true, cpuShares: true, cpuCfs: true, cpuRealtime: true, cpuset: true },
    ...{ blkioWeight: true, blkioRates: true, hardLimits: {} },
  },
  ...{ dataRoot: '/var/lib/seaway', debug: false, experimental: false, labels: [], logDriver: 'json-file' },
  ...{ addressPools: [{ base: '172.17.0.0/16', size: 16 }], proxies: { http: '', https: '', none: '' } },
  plugins: { volume: ['local'], network: ['bridge'], authorization: [], log: ['json-file'] },
  firewallBackend: 'iptables',
  registries: { insecure: [], mirrors: [] },
  security: { appArmor: false, seccomp: 'builtin', privateCgroups: true, noNewPrivileges: false },
  ...{ eventListeners: 0, openFiles: 20, activities: 5, openAddresses: [], degraded: [] },
  unhandled: { count: 0, last: '' },
};

export const refuse = (what: string) => (): never => {
  throw fail('NOT_SUPPORTED', what);
};
