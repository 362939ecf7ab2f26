import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { withParsed } from '../../test/model/networks.ts';
import { driverTable } from '../drivers/table.ts';
import { firewallInput } from '../firewall/from-model.ts';
import { blankEndpointSpec, blankNetwork, blankSandbox } from '../model/blank.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { linkedAddress, linksOf } from '../model/links.ts';
import { Model } from '../model/memory.ts';
import type { Network } from '../model/network.ts';
import { overlay } from '../model/overlay.ts';
import { type Change, tableNames, type View } from '../model/tables.ts';
import { hostNames } from '../names/host-names.ts';
import { planNetworkScope, planSandboxScope } from '../reconcile/plan.ts';
import { affected, scopesOf } from './affected.ts';

const facts = { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true };
const hex = (text: string, id: number): string => `${text}${id}`.padEnd(64, '0');
const sample = world().container('sample');

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

interface Step {
  readonly what: 'network' | 'container' | 'sandbox' | 'endpoint' | 'peer' | 'node' | 'service';
  readonly gone: boolean;
  readonly id: number;
  readonly kind: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('network', 'container', 'sandbox', 'endpoint', 'peer', 'node', 'service'),
  gone: fc.boolean(),
  id: fc.nat(2),
  kind: fc.nat(kinds.length - 1),
});

const ids = {
  network: (id: number) => hex('a', id),
  container: (id: number) => hex('c', id),
  sandbox: (id: number) => hex('b', id),
  endpoint: (id: number) => hex('e', id),
  peer: (id: number) => hex('f', id),
  node: (id: number) => hex('d', id),
  service: (id: number) => `service${id}`,
};
const tables = {
  network: 'networks',
  container: 'containers',
  sandbox: 'sandboxes',
  endpoint: 'endpoints',
  peer: 'peers',
  node: 'nodes',
  service: 'services',
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
  return { ...sample, id: ids.container(id), name: `${kind > 1 ? 'x' : 'y'}${id}`, hostConfig };
}

function sandbox(id: number, kind: number) {
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

const records = { network, container, sandbox, endpoint, peer, node, service };

const changeOf = ({ what, gone, id, kind }: Step): Change =>
  (gone
    ? { table: tables[what], remove: ids[what](id) }
    : { table: tables[what], put: records[what](id, kind) }) as Change;

const settings = {
  allowDirectRouting: false,
  acceptFwmark: '',
  clampMss: false,
  dropForwarded: [],
  bridgeNetfilter: true,
  noRawTable: false,
};

/** All that follows from a view, in parts. `now`: the view of after the change. */
const plans = (view: View, now: View) => ({
  networks: new Map([0, 1, 2].map((id) => [ids.network(id), planNetworkScope(view, ids.network(id), facts)])),
  sandboxes: new Map(
    [0, 1, 2].map((id) => [ids.sandbox(id), planSandboxScope(view, ids.sandbox(id), facts)]),
  ),
  ports: new Map(
    [0, 1, 2].map((id) => [ids.sandbox(id), view.get('sandboxes', ids.sandbox(id))?.ports ?? []]),
  ),
  files: new Map(
    [0, 1, 2].map((id) => [ids.container(id), filesOfContainer({ view, now }, ids.container(id))]),
  ),
  firewall: firewallInput(view, settings),
});

/** What the network files of a running container follow from; lines of sources that are not up now, or gone, may stay. */
function filesOfContainer({ view, now }: { view: View; now: View }, id: string): unknown {
  const [container, sandbox] = [view.get('containers', id), view.sandboxOfContainer(id)];
  if (!container || !sandbox) return undefined;
  const links = linksOf(view, container).filter(
    ({ source: { id } }) => now.get('containers', id) && now.sandboxOfContainer(id),
  );
  return {
    sandbox,
    hostname: container.config.Hostname,
    addresses: view.endpointsOfSandbox(sandbox.id).map(({ addresses }) => addresses),
    names: hostNames(view, sandbox),
    links: links.map((link) => [link.source.name, link.alias, linkedAddress(view, link)]),
  };
}

describe('what a change affects', () => {
  it('is all that is planned otherwise than before', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 12 }),
        fc.array(step, { minLength: 1, maxLength: 3 }),
        (past, now) => {
          const before = new Model(driverTable());
          before.apply(past.map(changeOf));
          const after = new Model(driverTable());
          for (const table of tableNames)
            for (const put of before.all(table)) after.apply([{ table, put } as Change]);
          const changes = now.map(changeOf);
          after.apply(changes);
          const scopes = affected({ before, after }, changes);
          const [was, is] = [plans(before, after), plans(after, after)];
          for (const [id, plan] of is.networks)
            if (!scopes.networks.has(id) && !scopes.reached.has(id))
              expect(plan).toEqual(was.networks.get(id));
          for (const [id, plan] of is.sandboxes)
            if (!scopes.sandboxes.has(id)) expect(plan).toEqual(was.sandboxes.get(id));
          for (const [id, ports] of is.ports)
            if (!scopes.ports.has(id)) expect(ports).toEqual(was.ports.get(id));
          for (const [id, files] of is.files)
            if (files && !scopes.files.has(id)) expect(files).toEqual(was.files.get(id));
          if (!scopes.firewall) expect(is.firewall).toEqual(was.firewall);
          // and the same before the commit
          expect(affected({ before, after: overlay(before, changes) }, changes)).toEqual(scopes);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const view = (...changes: readonly Change[]): Model => {
    const model = new Model(driverTable());
    model.apply(changes);
    return model;
  };
  const put = (what: Step['what'], id: number, kind: number): Change =>
    changeOf({ what, id, kind, gone: false });

  it('is little: an endpoint of an ordinary network is no reason for rules, nor for its network', () => {
    const before = view(put('network', 0, 0), put('network', 1, 0), put('sandbox', 1, 0));
    const changes = [put('sandbox', 0, 0), put('endpoint', 0, 0)];
    const scopes = affected({ before, after: overlay(before, changes) }, changes);
    expect([...scopes.sandboxes]).toEqual([ids.sandbox(0)]);
    expect([scopes.networks.size, scopes.reached.size, scopes.ports.size, scopes.resolver.size]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(scopes.firewall).toBe(false);
  });

  it('is the hosts file of who links to a container that starts, but not of who is down', () => {
    const linked = (id: number, to: number): Change => ({
      table: 'containers',
      put: {
        ...{ ...sample, id: ids.container(id), name: `c${id}` },
        links: [{ id: ids.container(to), name: `c${to}`, alias: 'db' }],
      },
    });
    const before = view(put('container', 2, 0), linked(0, 2), linked(1, 2), put('sandbox', 0, 0));
    const starts = [put('sandbox', 2, 0)];
    const { files } = affected({ before, after: overlay(before, starts) }, starts);
    expect(Object.fromEntries(files)).toEqual({
      [ids.container(2)]: { begins: true },
      [ids.container(0)]: { begins: false },
    });
    before.apply(starts);
    const ends: readonly Change[] = [{ table: 'sandboxes', remove: ids.sandbox(2) }];
    expect(affected({ before, after: overlay(before, ends) }, ends).files.size).toBe(0);
  });

  it('is what a container had whose parked sandbox passes to another', () => {
    const parked = { containerId: ids.container(1), name: 'c1' };
    const owned = { ...sandbox(0, 0), ports: [] };
    const before = view({ table: 'sandboxes', put: { ...owned, containerId: '', parked } });
    const changes: readonly Change[] = [{ table: 'sandboxes', put: owned }];
    const { files } = affected({ before, after: overlay(before, changes) }, changes);
    expect(files.get(ids.container(0))).toEqual({ begins: true, from: ids.container(1) });
  });

  it('is nothing where a container changes its state', () => {
    const before = view(
      put('network', 1, 1),
      put('sandbox', 1, 4),
      put('endpoint', 1, 1),
      put('container', 1, 4),
    );
    const container = before.get('containers', ids.container(1)) ?? sample;
    const changes: readonly Change[] = [
      { table: 'containers', put: { ...container, state: { ...container.state, status: 'paused' } } },
    ];
    const scopes = affected({ before, after: overlay(before, changes) }, changes);
    expect(scopes).toEqual(scopesOf({}));
  });
});
