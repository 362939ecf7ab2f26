import { describe, expect, it } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import { blankNetworkRequest } from '../../model/blank.ts';
import type { NetworkRequest } from '../../model/network.ts';
import { createNetwork, removeNetwork } from '../../model/networks.ts';
import type { Node } from '../../model/node.ts';
import type { Peer } from '../../model/peer.ts';
import { openSandbox } from '../../model/sandboxes.ts';
import { driverTable } from '../table.ts';

const facts = { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true };
const node = (id: string, more: Partial<Node> = {}): Node => ({
  ...{ id, name: id, advertise: '192.0.2.1:2376', data4: `192.0.2.${id}`, instance: id, mtu: 1500 },
  ...more,
});
const nodes = [node('1', { here: true }), node('2', { mtu: 1400 })];

/** A host of a cluster, with an overlay network. */
function here(request: Partial<NetworkRequest> = {}, others: readonly Node[] = nodes) {
  const made = world();
  made.model.apply(others.map((put) => ({ table: 'nodes', put }) as const));
  return { ...made, over: made.network('over', { driver: 'overlay', ...request }) };
}

const options = (list: string, more: Record<string, string> = {}) => ({
  options: { 'com.docker.network.driver.overlay.vxlanid_list': list, ...more },
});
const mtu = (value: string) => ({ options: { 'com.docker.network.driver.mtu': value } });

describe('an overlay network', () => {
  it('is of all hosts, with a subnet of 10.0.0.0/8, the first free VXLAN id and the MTU that fits each host', () => {
    const { over, network } = here();
    expect([over.scope, over.ipam.pools[0]?.subnet, over.ipam.pools[0]?.gateway, over.link]).toEqual([
      'global',
      '10.0.0.0/24',
      '10.0.0.1',
      '',
    ]);
    expect(over.overlay).toEqual({ vnis: [256], mtu: 1350, encrypted: false });
    const second = network('second', { driver: 'overlay', ...mtu('1300') });
    expect([second.ipam.pools[0]?.subnet, second.overlay?.vnis, second.overlay?.mtu]).toEqual([
      '10.0.1.0/24',
      [257],
      1300,
    ]);
  });

  it('of a swarm has its pools, its nodes and VXLAN ids from 4096', () => {
    const { model, networkContext } = here();
    const swarm = {
      pools: [{ base: '10.20.0.0/16', size: 26 }],
      nodes: [node('7', { here: true, mtu: 1300 })],
    };
    const request = blankNetworkRequest('app', { driver: 'overlay' });
    const made = createNetwork(model, request, { ...networkContext, swarm });
    expect([made.scope, made.ipam.pools[0]?.subnet, made.overlay]).toEqual([
      ...['swarm', '10.20.0.0/26'],
      { vnis: [4096], mtu: 1250, encrypted: false },
    ]);
    expect(made.options).toEqual({ 'com.docker.network.driver.overlay.vxlanid_list': '4096' });
  });

  it('has the VXLAN ids that were asked for, which no other network gets', () => {
    const { over, network } = here(options('256,9000'));
    expect(over.overlay?.vnis).toEqual([256, 9000]);
    expect(network('next', { driver: 'overlay' }).overlay?.vnis).toEqual([257]);
  });

  it.each<[string, Partial<NetworkRequest>, string]>([
    ['an id that is none', options('x'), 'invalid vxlan id value "x" passed'],
    ['an id beyond 24 bits', options('16777216'), 'invalid vxlan id value "16777216" passed'],
    ['an id twice', options('7,7'), 'could not assign vxlan id 7'],
    ['an id of another network', options('256'), 'could not assign vxlan id 256'],
    [
      'fewer ids than subnets',
      {
        ...options('7'),
        ipam: {
          ...{ driver: '', options: {} },
          pools: ['10.5.0.0/24', '10.6.0.0/24'].map((subnet) => ({ subnet, auxAddresses: {} })),
        },
      },
      'insufficient vnis(1) passed to overlay',
    ],
    ['an MTU that is no number', mtu('big'), 'failed to parse com.docker.network.driver.mtu value: big'],
    [
      'an MTU that some host does not carry',
      mtu('1351'),
      "invalid MTU value: 1351: the hosts' data paths carry 1350",
    ],
  ])('is refused with %s', (_what, request, why) => {
    const { network } = here();
    expect(() => network('next', { driver: 'overlay', ...request })).toThrow(why);
  });

  it('is not made by a host of no cluster', () => {
    expect(() => world().network('over', { driver: 'overlay' })).toThrow('This node is not a swarm manager');
  });

  it('has smaller packets over IPv6', () => {
    const six = [node('1', { here: true, data6: 'fd00::1' }), node('2', { data6: 'fd00::2' })];
    const only = six.map(({ data4: _, ...rest }) => rest);
    expect(here({}, six).over.overlay?.mtu).toBe(1450);
    expect(here({}, only).over.overlay?.mtu).toBe(1430);
  });

  it('is not removed while another host uses it', () => {
    const { model, over } = here();
    model.apply([{ table: 'peers', put: peer('p', over.id) }]);
    expect(() => removeNetwork(model, over)).toThrow('name:"far"');
  });

  it('gives a freed address to the last of those that come', () => {
    const { model, over } = here();
    expect(model.leases.firstFree(over.id, 4)).toBe('10.0.0.2/24');
    model.apply([{ table: 'peers', put: peer('p', over.id) }]);
    expect(model.leases.firstFree(over.id, 4)).toBe('10.0.0.10/24');
    model.apply([{ table: 'peers', remove: 'p' }]);
    expect(model.leases.firstFree(over.id, 4)).toBe('10.0.0.10/24');
    model.apply([{ table: 'peers', put: peer('q', over.id, { addresses: ['10.0.0.254/24'] }) }]);
    expect(model.leases.firstFree(over.id, 4)).toBe('10.0.0.2/24');
  });
});

const peer = (id: string, networkId: string, more: Partial<Peer> = {}): Peer => ({
  ...{ id, networkId, nodeId: '2', name: 'far', dnsNames: ['far'], addresses: ['10.0.0.9/24'] },
  mac: '02:00:00:00:00:aa',
  ...more,
});

describe('a container on an overlay network', () => {
  it('is refused where the path of this host is narrower than the network', () => {
    const { model, container, sandboxContext } = here();
    const web = container('web', { hostConfig: { NetworkMode: 'over' } });
    const narrow = node('1', { here: true, mtu: 1399 });
    model.apply([{ table: 'nodes', put: narrow }]);
    expect(() => openSandbox(model, web, sandboxContext)).toThrow(
      'network over has an MTU of 1350, and the data path of this host carries 1349',
    );
    model.apply([{ table: 'nodes', put: { ...narrow, mtu: 1400 } }]);
    expect(openSandbox(model, web, sandboxContext).sandbox.gateway4).toBe('');
  });
});

describe('the plan of an overlay network', () => {
  const plan = (peers: readonly Peer[], all: readonly Node[] = nodes) => {
    const { over } = here();
    const members = { endpoints: 1, peers: peers.map((one) => ({ ...one, networkId: over.id })), nodes: all };
    return driverTable().find('overlay').planNetwork(over, facts, members);
  };

  it('has one entry for each MAC and each address, whatever the records claim', () => {
    const objects = plan([
      peer('c', '', { mac: '02:00:00:00:00:bb' }),
      peer('b', '', { addresses: ['10.0.0.8/24'] }),
      peer('a', ''),
    ]);
    expect(objects.flatMap((one) => (one.kind === 'fdb' ? [[one.mac, one.to]] : []))).toEqual([
      ['02:00:00:00:00:aa', '192.0.2.2'],
      ['02:00:00:00:00:bb', '192.0.2.2'],
    ]);
    expect(objects.flatMap((one) => (one.kind === 'neighbour' ? [[one.address, one.mac]] : []))).toEqual([
      ['10.0.0.9', '02:00:00:00:00:aa'],
    ]);
  });

  it('has no entry that floods, none for the gateway, and none of a host whose address is none', () => {
    const bad = ['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01'];
    const peers = [
      ...bad.map((mac) => peer(mac, '', { mac })),
      peer('g', '', { addresses: ['10.0.0.1/24'] }),
    ];
    const entries = (objects: readonly { readonly kind: string }[]) =>
      objects.filter(({ kind }) => kind === 'fdb' || kind === 'neighbour').map(({ kind }) => kind);
    expect(entries(plan(peers))).toEqual(['fdb']);
    const hosts = [node('1', { here: true }), node('2', { data4: '999.0.2.2' })];
    expect(entries(plan([peer('a', '')], hosts))).toEqual([]);
  });

  it('leaves out peers of nodes that are not known, and is empty where this host has left the cluster', () => {
    expect(plan([peer('a', '', { nodeId: '3' })]).filter(({ kind }) => kind === 'fdb')).toEqual([]);
    expect(plan([peer('a', '')], [node('2')])).toEqual([]);
  });
});
