import { describe, expect, it } from 'vitest';
import { withParsed } from '../../test/model/networks.ts';
import { driverTable } from '../drivers/table.ts';
import { blankEndpointSpec, blankNetwork, blankSandbox } from '../model/blank.ts';
import type { Container } from '../model/container.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Model } from '../model/memory.ts';
import type { Network } from '../model/network.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { Change, Tables, View } from '../model/tables.ts';
import { deriveNames } from './derive.ts';

type Records = { readonly [T in keyof Tables]?: readonly Tables[T][] };

/** A view of a few records. */
function view(records: Records = {}): View {
  const model = new Model(driverTable());
  const puts = Object.entries(records).flatMap(([table, all]) =>
    all.map((record) => ({ table, put: record })),
  );
  model.apply(puts as readonly Change[]);
  return model;
}

const network = (id: string, more: Partial<Network> = {}): Network =>
  withParsed({
    ...blankNetwork,
    id,
    name: `${id}-net`,
    created: '',
    ipam: {
      driver: 'default',
      options: {},
      pools: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1', auxAddresses: {} }],
    },
    link: 'br-x',
    ...more,
  });

const endpoint = (id: string, more: Partial<Endpoint> = {}): Endpoint => ({
  id,
  networkId: 'n',
  sandboxId: 's',
  containerId: 'c',
  name: 'Web',
  ifname: 'eth0',
  hostLink: 'veth1',
  mac: '',
  addresses: ['172.18.0.2/16', 'fd00::2/64'],
  dnsNames: ['Web', 'www'],
  order: 0,
  spec: blankEndpointSpec('n'),
  ...more,
});

const sandbox = (id: string, more: Partial<Sandbox> = {}): Sandbox => ({
  ...blankSandbox,
  id,
  containerId: 'c',
  path: `/run/netns/${id}`,
  hostname: '',
  dns: { servers: ['9.9.9.9'], search: [], options: [] },
  gateway4: 'e',
  ...more,
});

const put = (table: 'endpoints' | 'sandboxes' | 'networks' | 'peers', record: object): Change =>
  ({ table, put: record }) as Change;
const entry = { endpointId: 'e', ipv4: '172.18.0.2', ipv6: 'fd00::2', name: 'Web' };
const one = { networks: [network('n')], endpoints: [endpoint('e')], sandboxes: [sandbox('s')] };
const born = [put('endpoints', one.endpoints[0] ?? {}), put('sandboxes', one.sandboxes[0] ?? {})];

describe('names of endpoints', () => {
  it('come in lower case, with their addresses, forwards and backwards', () => {
    const { names } = deriveNames(view({ networks: one.networks }), view(one), born);
    expect(names).toEqual([
      { networkId: 'n', name: 'web', endpointId: 'e', entry },
      { networkId: 'n', name: 'www', endpointId: 'e', entry },
      { networkId: 'n', name: 'ptr 172.18.0.2', endpointId: 'e', entry },
      { networkId: 'n', name: 'ptr fd00::2', endpointId: 'e', entry },
    ]);
  });

  it('go with the endpoint, also when its network goes in the same change', () => {
    const changes: Change[] = [
      { table: 'endpoints', remove: 'e' },
      { table: 'networks', remove: 'n' },
    ];
    const { names } = deriveNames(view(one), view(), changes);
    expect(names.map(({ name, entry: left }) => [name, left])).toEqual([
      ['web', undefined],
      ['www', undefined],
      ['ptr 172.18.0.2', undefined],
      ['ptr fd00::2', undefined],
    ]);
  });

  it('follow a rename: the old name goes, all entries tell the new one', () => {
    const renamed = endpoint('e', { name: 'shop', dnsNames: ['shop', 'www'] });
    const after = view({ ...one, endpoints: [renamed] });
    const { names, sandboxes } = deriveNames(view(one), after, [put('endpoints', renamed)]);
    expect(names[0]).toEqual({ networkId: 'n', name: 'web', endpointId: 'e' });
    expect(names.slice(1).map(({ name, entry: now }) => [name, now?.name])).toEqual([
      ['shop', 'shop'],
      ['www', 'shop'],
      ['ptr 172.18.0.2', 'shop'],
      ['ptr fd00::2', 'shop'],
    ]);
    expect(sandboxes).toEqual([]);
  });

  it('are not touched by a change that leaves them as they are', () => {
    const moved = endpoint('e', { hostLink: 'veth2' });
    const after = view({ ...one, endpoints: [moved] });
    expect(deriveNames(view(one), after, [put('endpoints', moved)])).toEqual({ names: [], sandboxes: [] });
  });

  it('are not served on predefined networks', () => {
    const bridge = { ...one, networks: [network('n', { predefined: true })] };
    const { names, sandboxes } = deriveNames(view(), view(bridge), born);
    expect(names).toEqual([]);
    expect(sandboxes[0]?.put?.networks).toEqual([]);
  });

  it('are not served on the network that only leads out', () => {
    const gateway = { ...one, networks: [network('n', { name: 'docker_gwbridge' })] };
    const { names, sandboxes } = deriveNames(view(), view(gateway), born);
    expect(names).toEqual([]);
    expect(sandboxes[0]?.put?.networks).toEqual([]);
  });

  it('have no IPv6 address where the container has switched IPv6 off', () => {
    const sysctls = { 'net.ipv6.conf.all.disable_ipv6': '1' };
    const after = view({ ...one, sandboxes: [sandbox('s', { sysctls })] });
    const { names } = deriveNames(view({ networks: one.networks }), after, born);
    expect(names.map(({ name, entry: found }) => [name, found?.ipv6])).toEqual([
      ['web', ''],
      ['www', ''],
      ['ptr 172.18.0.2', ''],
    ]);
  });

  it('that no question can have are left out', () => {
    const strange = endpoint('e', { addresses: [], dnsNames: ['a'.repeat(254), 'x y', '', 'ptr', 'ok'] });
    const after = view({ ...one, endpoints: [strange] });
    const { names } = deriveNames(view(), after, [put('endpoints', strange)]);
    expect(names.map(({ name }) => name)).toEqual(['ptr', 'ok']);
  });
});

describe('names of endpoints of other nodes', () => {
  const peer = {
    ...{ id: 'p', networkId: 'n', nodeId: 'b', name: 'Far', dnsNames: ['Far', 'www'], mac: '' },
    addresses: ['172.18.0.9/16', 'fd00::9/64'],
  };
  const names = ({ names: all }: ReturnType<typeof deriveNames>) =>
    all.map(({ name, endpointId, entry }) => [name, endpointId, entry?.ipv4, entry?.ipv6]);

  it('come and go as those of endpoints here, also with their network', () => {
    const bare = { networks: one.networks };
    const known = { ...bare, peers: [peer] };
    const there = [
      ['far', 'p', '172.18.0.9', 'fd00::9'],
      ['www', 'p', '172.18.0.9', 'fd00::9'],
      ['ptr 172.18.0.9', 'p', '172.18.0.9', 'fd00::9'],
      ['ptr fd00::9', 'p', '172.18.0.9', 'fd00::9'],
    ];
    expect(names(deriveNames(view(bare), view(known), [put('peers', peer)]))).toEqual(there);
    // the peer may be known before its network
    const early = view({ peers: [peer] });
    expect(names(deriveNames(view(), early, [put('peers', peer)]))).toEqual([]);
    const network = one.networks.map((record) => put('networks', record));
    expect(names(deriveNames(early, view(known), network))).toEqual(there);
    expect(names(deriveNames(view(known), view(bare), [{ table: 'peers', remove: 'p' }]))).toEqual(
      there.map(([name, id]) => [name, id, undefined, undefined]),
    );
  });
});

describe('what a sandbox sees', () => {
  const sees = (records: Records, options = {}) =>
    deriveNames(view(), view(records), [put('sandboxes', sandbox('s'))], options).sandboxes[0]?.put;

  it('has its networks by interface, its servers and the names of the host', () => {
    expect(sees(one)).toEqual({
      sandboxId: 's',
      path: '/run/netns/s',
      networks: [{ id: 'n', name: 'n-net' }],
      privateNames: {},
      servers: ['9.9.9.9'],
      forward: true,
      fixed: { 'host.docker.internal': ['172.18.0.1'], 'gateway.docker.internal': ['172.18.0.1'] },
    });
    const two = {
      ...one,
      networks: [network('n'), network('m')],
      endpoints: [endpoint('e', { order: 1 }), endpoint('f', { networkId: 'm' })],
    };
    expect(sees(two)?.networks.map(({ id }) => id)).toEqual(['m', 'n']);
  });

  it('has the host’s servers asked while it has a way out', () => {
    const records = (more: Partial<Sandbox>, internal: boolean): Records => ({
      networks: [network('n', { internal })],
      endpoints: [endpoint('e')],
      sandboxes: [sandbox('s', more)],
    });
    expect(sees(records({ gateway4: '' }, true))?.forward).toBe(false);
    expect(sees(records({ gateway4: '' }, false))?.forward).toBe(false);
    for (const gateway of [{ gateway4: 'e' }, { gateway4: '', gateway6: 'e' }])
      expect(sees(records(gateway, false))?.forward).toBe(true);
    for (const internal of [true, false])
      expect(sees(records({ kind: 'external', gateway4: '' }, internal))?.forward).toBe(!internal);
  });

  it('has no name for the host when that is not wanted', () => {
    expect(sees(one, { hostNames: false })?.fixed).toEqual({});
  });

  it('has its links as names of its own', () => {
    const spec = { ...endpoint('e').spec, links: ['/Db:My-DB', 'cache', 'c0ffee:x'] };
    const box = { id: 'c0ffee', name: 'box', networks: [], links: [], config: { Labels: {} } };
    const containers = [box as object as Container];
    expect(sees({ ...one, containers, endpoints: [endpoint('e', { spec })] })?.privateNames).toEqual({
      'my-db': [{ networkId: 'n', name: 'db' }],
      cache: [{ networkId: 'n', name: 'cache' }],
      x: [{ networkId: 'n', name: 'box' }],
    });
    const networks = [network('n'), network('m')];
    const both = [endpoint('e', { spec, order: 1 }), endpoint('f', { networkId: 'm', spec })];
    expect(sees({ ...one, networks, endpoints: both })?.privateNames.cache).toEqual([
      { networkId: 'm', name: 'cache' },
      { networkId: 'n', name: 'cache' },
    ]);
  });

  it('is there only while the embedded resolver serves it', () => {
    const off = sandbox('s', { resolver: false });
    const after = view({ ...one, sandboxes: [off] });
    expect(deriveNames(view(one), after, [put('sandboxes', off)]).sandboxes).toEqual([{ id: 's' }]);
    expect(deriveNames(view(), after, [put('sandboxes', off)]).sandboxes).toEqual([]);
    const gone: Change[] = [{ table: 'sandboxes', remove: 's' }];
    expect(deriveNames(view(one), view(), gone).sandboxes).toEqual([{ id: 's' }]);
  });

  it('changes with its endpoints', () => {
    const more = {
      ...one,
      networks: [network('n'), network('m')],
      endpoints: [endpoint('e'), endpoint('f', { networkId: 'm', order: 1 })],
    };
    const { sandboxes } = deriveNames(view(one), view(more), [put('endpoints', more.endpoints[1] ?? {})]);
    expect(sandboxes[0]?.put?.networks.map(({ id }) => id)).toEqual(['n', 'm']);
  });
});
