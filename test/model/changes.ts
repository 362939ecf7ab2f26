/** Records of every table that a change may be of, by their number and kind. */
import fc from 'fast-check';
import { blankEndpointSpec, blankNetwork, blankSandbox } from '../../src/model/blank.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Network } from '../../src/model/network.ts';
import type { Policy } from '../../src/model/policy.ts';
import type { Change } from '../../src/model/tables.ts';
import { world } from './fixture.ts';
import { withParsed } from './networks.ts';

const hex = (text: string, id: number): string => `${text}${id}`.padEnd(64, '0');
export const sample = world().container('sample');

/** What networks can be; each is planned, or read by the firewall, in its own way. */
const kinds: readonly Partial<Network>[] = [
  { driver: 'bridge' },
  { driver: 'bridge', predefined: true, options: { 'com.docker.network.bridge.enable_icc': 'false' } },
  { driver: 'bridge', options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' } },
  { driver: 'bridge', internal: true, options: { 'com.docker.network.driver.mtu': '1400' } },
  { driver: 'macvlan', link: 'up0.5', options: { parent: 'up0.5' } },
  { driver: 'macvlan', link: 'up0', options: { parent: 'up0', 'seaway.host_access': 'true' } },
  { driver: 'overlay', link: '', overlay: { vnis: [256], mtu: 1450, encrypted: false } },
];

export interface Step {
  readonly what: 'network' | 'container' | 'sandbox' | 'endpoint' | 'peer' | 'node' | 'service' | 'policy';
  readonly gone: boolean;
  readonly id: number;
  readonly kind: number;
}

export const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(
    ...(['network', 'container', 'sandbox', 'endpoint', 'peer', 'node', 'service', 'policy'] as const),
  ),
  gone: fc.boolean(),
  id: fc.nat(2),
  kind: fc.nat(kinds.length - 1),
});

export const ids = {
  network: (id: number) => hex('a', id),
  container: (id: number) => hex('c', id),
  sandbox: (id: number) => hex('b', id),
  endpoint: (id: number) => hex('e', id),
  peer: (id: number) => hex('f', id),
  node: (id: number) => hex('d', id),
  service: (id: number) => `service${id}`,
  policy: (id: number) => `policy${id}`,
};
const tables = {
  network: 'networks',
  container: 'containers',
  sandbox: 'sandboxes',
  endpoint: 'endpoints',
  peer: 'peers',
  node: 'nodes',
  service: 'services',
  policy: 'policies',
} as const;

function network(id: number, kind: number): Network {
  const subnet = `10.${id}.0.0/24`;
  const pools = [{ subnet, gateway: `10.${id}.0.1`, auxAddresses: {} }];
  const like = kinds[kind] ?? {};
  return withParsed({
    ...{ ...blankNetwork, id: ids.network(id), name: `net${id}`, created: `${9 - id}`, link: `br-${id}` },
    ...{ enableIPv4: true, ipam: { driver: 'default', options: {}, pools }, ...like },
  });
}

function endpoint(id: number, kind: number): Endpoint {
  const on = kind % 3;
  return {
    ...{ id: ids.endpoint(id), networkId: ids.network(on), sandboxId: ids.sandbox(id) },
    ...{ containerId: ids.container(id), name: `c${id}`, ifname: 'eth0', hostLink: `veth${id}` },
    ...{ mac: '02:42:00:00:00:01', addresses: [`10.${on}.0.${id + 2}/24`], dnsNames: [], order: id },
    spec: blankEndpointSpec(`net${on}`),
    ...(kind > 3 && { fanout: `ext-${on}` }),
  };
}

/** With links to another one, and ports. */
function container(id: number, kind: number) {
  const hostConfig = {
    ...sample.hostConfig,
    Links: kind > 3 ? [`/x${(id + 1) % 3}:other`] : [],
    PortBindings: kind > 2 ? { '80/tcp': [{ HostIp: '', HostPort: '' }] } : {},
  };
  const Labels: Record<string, string> = {
    ...(kind === 4 && { tier: 'db' }),
    ...(kind === 5 && { 'com.seaway.policy.allow-from': 'x*' }),
  };
  const config = { ...sample.config, Labels };
  const place = { sandboxId: kind > 2 ? ids.sandbox(id) : '' };
  return {
    ...sample,
    ...place,
    id: ids.container(id),
    name: `${kind > 1 ? 'x' : 'y'}${id}`,
    hostConfig,
    config,
  };
}

export function sandbox(id: number, kind: number) {
  const port = {
    ...{ protocol: 'tcp', hostIP: '0.0.0.0', hostPort: 8000 + id, containerPort: 80 },
    ...{ address: `10.0.0.${id + 2}`, endpointId: ids.endpoint(id) },
  } as const;
  const place = { containerId: ids.container(id), path: `/run/netns/${id}`, hostname: '' };
  return {
    ...blankSandbox,
    ...place,
    id: ids.sandbox(id),
    ports: kind > 3 ? [port] : [],
    resolver: kind > 2,
  };
}

const peer = (id: number, kind: number) => ({
  ...{ id: ids.peer(id), networkId: ids.network(kind % 3), nodeId: ids.node(1 + (kind % 2)) },
  ...{ name: `p${id}`, dnsNames: [], addresses: [`10.0.0.${100 + id}/24`], mac: `02:42:00:00:01:0${id}` },
});

const node = (id: number, kind: number) => ({
  ...{ id: ids.node(id), name: `n${id}`, advertise: '', data4: `192.0.2.${id + (kind % 2)}` },
  ...{ instance: `${kind}`, mtu: 1500, ...(id === 0 && { here: true as const }) },
});

const service = (id: number, kind: number) => ({
  ...{
    id: ids.service(id),
    serviceId: `s${id}`,
    networkId: ids.network(kind % 3),
    name: `s${id}`,
    aliases: [],
  },
  ...{ addresses: [`10.${kind % 3}.0.${200 + id}`], ...(kind > 3 && { named: true as const }) },
  backends: [{ id: 't', number: 1, addresses: [`10.${kind % 3}.0.${2 + (kind % 2)}`], open: kind !== 5 }],
});

const policy = (id: number, kind: number): Policy => ({
  ...{ id: ids.policy(id), order: kind, applies: kind > 4 ? {} : { container: kind > 2 ? 'x*' : `y${id}` } },
  ingress: [
    {
      ...{ verdict: kind > 1 ? 'allow' : 'deny', ports: [], line: 1 },
      remote: { kind: 'containers', selector: kind > 3 ? { network: 'net1' } : { container: `?${id}` } },
    },
  ],
  egress:
    kind === 5
      ? []
      : [
          { verdict: 'deny', remote: { kind: 'host' }, ports: [], line: 2 },
          {
            ...{ verdict: 'allow', ports: [], line: 3 },
            remote: { kind: 'containers', selector: { label: { name: 'tier' } } },
          },
        ],
});

const records = { network, container, sandbox, endpoint, peer, node, service, policy };

export const changeOf = ({ what, gone, id, kind }: Step): Change =>
  (gone
    ? { table: tables[what], remove: ids[what](id) }
    : { table: tables[what], put: records[what](id, kind) }) as Change;
