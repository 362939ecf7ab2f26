/** A network whose bridge and tunnel are in a namespace of the network, as an overlay has them. */
import { expect, test, vi } from 'vitest';
import { planInside } from '../../src/drivers/inside.ts';
import { driverTable } from '../../src/drivers/table.ts';
import type { Driver } from '../../src/model/driver.ts';
import { openSandbox } from '../../src/model/sandboxes.ts';
import { closeSandbox } from '../../src/model/sharing.ts';
import { networkNamespace } from '../../src/objects/namespace-ref.ts';
import type { KernelObject } from '../../src/objects/object.ts';
import { endpointOwner, networkOwner } from '../../src/objects/owner.ts';
import { world } from '../model/fixture.ts';
import { linkDriver } from '../model/link-driver.ts';
import { hostLinks, openBoxes, reconcilerOn } from './reconcile-rig.ts';
import { uplink } from './rig.ts';

const { rig, kernel } = openBoxes();
const far = '02:42:0a:58:00:09';
let vni = 4097;

const over: Driver = {
  ...linkDriver,
  name: 'over',
  scope: 'global',
  endpointShape: (_network, { id }) => ({
    ...{ ifname: '', ifPrefix: 'eth', hostLink: `veth${id.slice(0, 11)}`, mac: true },
  }),
  planNetwork({ id, ipam }): readonly KernelObject[] {
    const ns = networkNamespace(id);
    const common = { kind: 'link', ns, owner: networkOwner(id), mtu: 1450 } as const;
    const [gateway = ''] = ipam.pools.map((pool) => pool.gateway);
    return [
      { kind: 'namespace', ns },
      { ...common, type: 'bridge', name: 'br0' },
      {
        ...{ ...common, type: 'vxlan', name: 'vxlan0', master: 'br0' },
        ...{ vni, port: 4789, local: uplink.address, proxy: true },
      },
      { kind: 'address', ns, link: 'br0', address: `${gateway}/24` },
      { kind: 'fdb', ns, link: 'vxlan0', mac: far, to: uplink.outside },
      { kind: 'neighbour', ns, link: 'vxlan0', address: '10.88.0.9', mac: far },
    ];
  },
  planEndpoint(place) {
    const { network, endpoint, sandbox } = place;
    const outer = { ns: networkNamespace(network.id), name: endpoint.hostLink, master: 'br0', mtu: 1450 };
    return [
      {
        ...{ kind: 'link', type: 'veth', owner: endpointOwner(endpoint.id), ...outer },
        ...{ hairpin: false, isolated: false },
        peer: { ns: sandbox.id, name: endpoint.ifname, mac: endpoint.mac },
      },
      ...planInside(place, { byDevice: false, acceptAdvertisements: false }),
    ];
  },
};

const here = world({ drivers: driverTable({ more: [over] }), namespaces: rig.path('boxes') });
const pools = [{ subnet: '10.88.0.0/24', auxAddresses: {} }];
const net = here.network('over', { driver: 'over', ipam: { driver: '', options: {}, pools } });
const ns = `${rig.path('boxes')}/net-${net.id.slice(0, 12)}`;
const lines: string[] = [];
const reconciler = reconcilerOn(kernel, here.model, rig, lines);
const converge = async (): Promise<readonly string[]> => {
  const before = lines.length;
  await reconciler.convergeNetwork(net.id);
  return lines.slice(before);
};
const inside = (...words: readonly string[]): string => rig.run(ns, ...words);
const ping = (from: string, to: string): string => rig.run(from, 'busybox', 'ping', '-c1', '-W3', to);

const container = here.container('web', { hostConfig: { NetworkMode: 'over' } });
const opened = openSandbox(here.model, container, here.sandboxContext);

test('a comparison tells all that is to be made, and makes nothing', async () => {
  const actions = await reconciler.compare(`network:${net.id}`);
  expect(actions.map((action) => ('object' in action ? [action.verb, action.object.kind] : []))).toEqual([
    ['make', 'namespace'],
    ['make', 'link'],
    ['make', 'link'],
    ['make', 'address'],
    ['make', 'fdb'],
    ['make', 'neighbour'],
  ]);
  expect(kernel.listNamespaces(rig.path('boxes'))).toEqual([]);
});

test('bridge, tunnel, forwarding entry and neighbour are in it, and the host sees none of them', async () => {
  await converge();
  expect(inside('ip', '-d', 'link', 'show', 'vxlan0')).toMatch(/master br0[\s\S]*vxlan id 4097 local/);
  expect(inside('bridge', 'fdb', 'show', 'dev', 'vxlan0')).toContain(`${far} dst ${uplink.outside}`);
  expect(inside('ip', 'neigh', 'show', 'dev', 'vxlan0')).toContain(`10.88.0.9 lladdr ${far} PERMANENT`);
  expect(hostLinks(rig)).toEqual([]);
  expect(await converge()).toEqual([]);
});

test('a sandbox is on its bridge, and reaches another host by the tunnel', async () => {
  here.model.apply(opened.changes);
  await reconciler.convergeSandbox(opened.sandbox.id);
  expect(hostLinks(rig)).toEqual([]);
  const other = ['id', '4097', 'dstport', '4789', 'remote', uplink.address];
  rig.run('outside', 'ip', 'link', 'add', 'vx', 'address', far, 'type', 'vxlan', ...other);
  rig.run('outside', 'ip', 'address', 'add', '10.88.0.9/24', 'dev', 'vx');
  rig.run('outside', 'ip', 'link', 'set', 'vx', 'up');
  // a proxy answers and passes on no question, in either direction
  const [endpoint] = here.model.endpointsOfSandbox(opened.sandbox.id);
  const near = ['10.88.0.2', 'lladdr', endpoint?.mac ?? '', 'dev', 'vx'];
  rig.run('outside', 'ip', 'neigh', 'add', ...near);
  for (const to of ['10.88.0.1', '10.88.0.9'])
    expect(ping(opened.sandbox.path, to)).toContain(' 0% packet loss');
  const settled = lines.length;
  await reconciler.convergeNetwork(net.id);
  await reconciler.convergeSandbox(opened.sandbox.id);
  expect(lines.slice(settled)).toEqual([]);
});

test('what is decided when a tunnel is made is a difference: it is made again', async () => {
  inside('ip', 'link', 'set', 'br0', 'mtu', '1400');
  vni = 4098;
  const said = (await converge()).join('\n');
  expect(said).toMatch(/act=remove kind=link ns=network:\S+ key=vxlan0/);
  expect(said).toMatch(/act=make kind=link ns=network:\S+ key=vxlan0/);
  expect(inside('ip', '-d', 'link', 'show', 'vxlan0')).toContain('vxlan id 4098');
  expect(inside('bridge', 'fdb', 'show', 'dev', 'vxlan0')).toContain(`${far} dst ${uplink.outside}`);
  expect(inside('ip', 'link', 'show', 'br0')).toContain('mtu 1450');
  expect(await converge()).toEqual([]);
});

test('an engine that comes later finds it, and a namespace that is gone comes back', async () => {
  const later = reconcilerOn(kernel, here.model, rig, lines);
  const before = lines.length;
  await later.convergeNetwork(net.id);
  await later.sweep();
  expect(lines.slice(before)).toEqual([]);
  await later.close();
  await reconciler.close();
  await kernel.removeNamespace(ns);
  const again = reconcilerOn(kernel, here.model, rig, lines);
  // until the kernel has taken the old one down, its VNI is in use
  await vi.waitFor(() => again.convergeNetwork(net.id), { timeout: 5000, interval: 100 });
  await again.convergeSandbox(opened.sandbox.id);
  expect(ping(opened.sandbox.path, '10.88.0.1')).toContain(' 0% packet loss');

  here.model.apply(closeSandbox(here.model, opened.sandbox.id));
  await again.convergeSandbox(opened.sandbox.id);
  expect(inside('ip', 'link')).not.toContain('veth');
  here.model.apply([{ table: 'networks', remove: net.id }]);
  await again.convergeNetwork(net.id);
  expect(kernel.listNamespaces(rig.path('boxes'))).toEqual([]);
  await again.close();
});

test('the end of an installation takes it away with what is in it', async () => {
  here.model.apply([{ table: 'networks', put: net }]);
  const last = reconcilerOn(kernel, here.model, rig);
  await last.convergeNetwork(net.id);
  here.model.apply([{ table: 'networks', remove: net.id }]);
  const { removed, failures } = await last.removeAll([]);
  expect([removed, failures]).toEqual([['1 network namespace'], []]);
  expect(kernel.listNamespaces(rig.path('boxes'))).toEqual([]);
  await last.close();
});

test('a sweep removes the namespace of a network that nobody knows', async () => {
  kernel.createNamespace(ns);
  const later = reconcilerOn(kernel, here.model, rig);
  expect(await later.sweep()).toBe(1);
  expect(kernel.listNamespaces(rig.path('boxes'))).toEqual([]);
  await later.close();
});
