/** Records for the tests of transitions: a model with the predefined networks, and generators that count. */
import type { BridgeConfig } from '../../src/config/config.ts';
import { driverTable } from '../../src/drivers/table.ts';
import { defaultPools } from '../../src/ipam/choose-pool.ts';
import { blankConfig, blankEndpointSpec, blankNetworkRequest } from '../../src/model/blank.ts';
import type { ContainerRequest, HostConfig } from '../../src/model/container.ts';
import { createContainer } from '../../src/model/containers.ts';
import type { DriverTable } from '../../src/model/driver.ts';
import type { Generators } from '../../src/model/generators.ts';
import type { Image } from '../../src/model/image.ts';
import { Model } from '../../src/model/memory.ts';
import type { NetworkRequest } from '../../src/model/network.ts';
import { createNetwork, type NetworkContext } from '../../src/model/networks.ts';
import { predefinedNetworks } from '../../src/model/predefined.ts';
import type { SandboxContext } from '../../src/model/sandboxes.ts';

/** Generators that count: every test sees the same ids. */
export function countingGenerators(): Generators {
  let count = 0;
  const next = (): number => ++count;
  return {
    id: () => `${next().toString(16).padStart(12, 'a')}${'0'.repeat(52)}`,
    mac: () => `02:00:00:00:00:${next().toString(16).padStart(2, '0')}`,
    below: () => 0,
    now: () => '2026-01-02T03:04:05.000000006Z',
  };
}

export const bridgeConfig: BridgeConfig = {
  name: '',
  bip: '',
  bip6: '',
  fixedCidr: '',
  fixedCidrV6: '',
  defaultGateway: '',
  defaultGatewayV6: '',
  icc: true,
  ipMasq: true,
  mtu: 0,
  ip: '',
  ipv6: false,
  acceptFwmark: '',
};

const image: Image = {
  id: `sha256:${'1'.repeat(64)}`,
  tags: ['busybox:latest'],
  digests: [],
  parent: '',
  created: '2026-01-01T00:00:00Z',
  author: '',
  comment: '',
  architecture: 'amd64',
  variant: '',
  os: 'linux',
  config: { Cmd: ['sh'] },
  layers: [],
  diffIds: [],
  history: [],
  size: 0,
};

const hostConfig = {
  PidMode: '',
  IpcMode: '',
  Binds: null,
  NetworkMode: 'default',
  PortBindings: {},
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  PublishAllPorts: false,
  VolumesFrom: null,
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  Links: null,
} as Partial<HostConfig> as HostConfig;

export const networkRequest = blankNetworkRequest;

interface Surroundings {
  readonly drivers?: DriverTable;
  /** Folder for namespaces. */
  readonly namespaces?: string;
  /** Names of the host's links. */
  readonly links?: readonly string[];
}

/** What the transitions are told. */
function contextsOf(
  generate: Generators,
  { namespaces, links }: Required<Pick<Surroundings, 'namespaces' | 'links'>>,
): { readonly networkContext: NetworkContext; readonly sandboxContext: SandboxContext } {
  const networkContext: NetworkContext = {
    generate,
    pools: defaultPools,
    routed: [],
    defaultOptions: {},
    facts: { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true },
    hasLink: (name) => links.includes(name),
  };
  const sandboxContext: SandboxContext = {
    generate,
    dynamic: { first: 32768, last: 32770 },
    bindAddress: '',
    addressesOf: () => [],
    ...{ publishPolicy: 'open', whyNotObeyed: '' },
    occupied: new Set(),
    namespacePath: (id) => `${namespaces}/${id.slice(0, 12)}`,
    dns: { servers: [], search: [], options: [] },
    hostGateways: ['172.17.0.1'],
  };
  return { networkContext, sandboxContext };
}

/** A world with `bridge`, `host` and `none`, in which networks and containers are made by name; and the host's links. */
export function world(more: Surroundings = {}) {
  const { drivers = driverTable(), namespaces = '/run/seaway/netns', links = [] } = more;
  const model = new Model(drivers);
  const generate = countingGenerators();
  const { networkContext, sandboxContext } = contextsOf(generate, { namespaces, links });
  model.apply(predefinedNetworks(model, { config: bridgeConfig, context: networkContext }));
  return {
    model,
    networkContext,
    sandboxContext,
    spec: blankEndpointSpec,
    network(name: string, more: Partial<NetworkRequest> = {}) {
      const network = createNetwork(model, networkRequest(name, more), networkContext);
      model.apply([{ table: 'networks', put: network }]);
      return network;
    },
    container(
      name: string,
      more: Partial<Omit<ContainerRequest, 'hostConfig'>> & { hostConfig?: Partial<HostConfig> } = {},
    ) {
      const request = {
        name,
        config: blankConfig,
        networks: [],
        platform: '',
        ...more,
        hostConfig: { ...hostConfig, ...more.hostConfig },
      };
      const context = {
        generate,
        hostname: 'host',
        anonymousName: () => generate.id(),
        volumePath: (of: string) => `/volumes/${of}/_data`,
        dataRoot: '/var/lib/seaway',
      };
      const container = createContainer(model, { request, image }, context);
      model.apply([{ table: 'containers', put: container }]);
      return container;
    },
  };
}
