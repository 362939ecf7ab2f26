/** Each feature of the engine that touches its host, used once. */
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { etcdProgram } from '../../kernel/kv/etcd-server.ts';
import { uplink } from '../../kernel/rig.ts';
import type { TestEngine } from '../engine.ts';
import { give } from '../give.ts';

type Body = Readonly<Record<string, unknown>>;

const option = (name: string, value: string): Body => ({ [`com.docker.network.bridge.${name}`]: value });

/** Networks of all drivers; those of links of the host need `up0` and `spare0`. */
const networks: readonly (Body & { readonly Name: string })[] = [
  { Name: 'app', EnableIPv6: true },
  { Name: 'inner', EnableIPv6: true, Internal: true },
  { Name: 'apart', EnableIPv6: true, Options: option('enable_icc', 'false') },
  {
    Name: 'routed',
    EnableIPv6: true,
    Options: { ...option('gateway_mode_ipv4', 'routed'), ...option('gateway_mode_ipv6', 'routed') },
  },
  { Name: 'open', Options: option('gateway_mode_ipv4', 'nat-unprotected') },
  { Name: 'plain', Options: option('enable_ip_masquerade', 'false') },
  { Name: 'obeying', Options: { 'com.seaway.publish_policy': 'host' } },
  {
    Name: 'vlan',
    Driver: 'macvlan',
    Options: { parent: uplink.name, 'seaway.host_access': 'true' },
    IPAM: { Config: [{ Subnet: '198.51.100.0/24', IPRange: '198.51.100.64/26' }] },
  },
  {
    Name: 'flat',
    Driver: 'ipvlan',
    Options: { parent: 'spare0' },
    IPAM: { Config: [{ Subnet: '10.77.0.0/24' }] },
  },
];

const bindings = (port: string, ...places: readonly string[]): Body => ({
  PortBindings: {
    [port]: places.map((place) => {
      const at = place.lastIndexOf(':');
      return { HostIp: place.slice(0, Math.max(0, at)), HostPort: place.slice(at + 1) };
    }),
  },
});
const range = (first: number, last: number): Body => ({
  PortBindings: Object.fromEntries(
    Array.from({ length: last - first + 1 }, (_, at) => [
      `${first + at}/udp`,
      [{ HostPort: `${first + at}` }],
    ]),
  ),
});

const containers: readonly (Body & { readonly name: string; readonly network: string })[] = [
  {
    ...{ name: 'web', network: 'app', Labels: { 'com.seaway.policy.deny-from': 'label:role=batch' } },
    host: bindings('80/tcp', '8080', '127.0.0.1:8081', `${uplink.name}:8082`, '[::1]:8083'),
    endpoint: { DriverOpts: { 'com.seaway.rate.egress': '10mbit', 'com.seaway.rate.ingress': '20mbit' } },
  },
  { name: 'many', network: 'app', host: range(23000, 23099) },
  { name: 'obeys', network: 'obeying', host: bindings('80/tcp', '8090') },
  { name: 'far', network: 'routed', host: bindings('80/tcp', '8091') },
  { name: 'wide', network: 'open', host: bindings('80/tcp', '8092') },
  { name: 'bare', network: 'plain', host: bindings('53/udp', '8053') },
  ...['inner', 'apart', 'vlan', 'flat', 'bridge'].map((network) => ({ name: `in-${network}`, network })),
];

const policies =
  'policies:\n  - name: p\n    applies: web\n    egress:\n      - allow: 192.0.2.0/24:443\n      - allow: "*.debian.org:443"\n';

export const canSwarm = etcdProgram !== undefined;

/** The engine finds etcd. To be called before its start. */
export function giveEtcd({ env }: TestEngine): void {
  if (etcdProgram) env.PATH = `${dirname(etcdProgram)}:${env.PATH ?? process.env.PATH}`;
}

export async function useEverything(engine: TestEngine): Promise<void> {
  const ask = async (method: string, path: string, json?: unknown): Promise<unknown> => {
    const answer = await engine.api(method, path, json === undefined ? {} : { json });
    if (!answer.message.includes('the kernel lacks '))
      expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(400);
    return answer.json;
  };
  for (const network of networks) await ask('POST', '/networks/create', network);
  await Promise.all(
    containers.map(async ({ name, network, host = {}, endpoint, ...config }) => {
      await ask('POST', `/containers/create?name=${name}`, {
        ...{ Image: 'busybox', Cmd: ['sleep', '1000'], ...config },
        HostConfig: { NetworkMode: network, ...(host as Body) },
        ...(endpoint !== undefined && { NetworkingConfig: { EndpointsConfig: { [network]: endpoint } } }),
      });
      await ask('POST', `/containers/${name}/start`);
    }),
  );
  await ask('POST', '/networks/inner/connect', { Container: 'web' });
  const added = {
    PortBindings: { '81/tcp': [{ HostPort: '8100' }, { HostIp: '127.0.0.1', HostPort: '8101' }] },
  };
  await ask('POST', '/seaway/containers/web/ports/add', added);
  await ask('POST', '/seaway/containers/web/ports/remove', { Ports: ['8101'] });
  await ask('POST', '/seaway/policies', { Document: policies });
  await ask('POST', '/seaway/networks/app/rate', { Container: 'web', Ingress: '5mbit' });
  await ask('GET', `/seaway/explain?from=outside:${uplink.outside}&to=web:80`);
  await ask('GET', '/seaway/explain?from=many&to=web:80');
  await ask('POST', '/seaway/doctor/fix');
  await give(engine.socket, { method: 'GET', path: '/seaway/capture?what=web' });
  await useSwarm(ask);
}

async function useSwarm(
  ask: (method: string, path: string, json?: unknown) => Promise<unknown>,
): Promise<void> {
  if (!canSwarm) return;
  const addresses = { ListenAddr: `${uplink.address}:2377`, AdvertiseAddr: uplink.address };
  await ask('POST', '/swarm/init', { ...addresses, Spec: {} });
  await ask('POST', '/networks/create', { Name: 'wide-net', Driver: 'overlay', Attachable: true });
  await ask('POST', '/services/create', {
    Name: 'served',
    TaskTemplate: {
      ContainerSpec: { Image: 'busybox', Command: ['sleep', '1000'] },
      Networks: [{ Target: 'wide-net' }],
    },
    EndpointSpec: { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8200 }] },
  });
  await ask('POST', '/swarm/leave?force=1');
}
