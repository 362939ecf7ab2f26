/** VXLAN links, their forwarding entries and permanent neighbours, as a driver of networks over several hosts plans them. */
import { expect, test } from 'vitest';
import { driverTable } from '../../src/drivers/table.ts';
import type { Driver } from '../../src/model/driver.ts';
import type { KernelObject } from '../../src/objects/object.ts';
import { networkOwner } from '../../src/objects/owner.ts';
import { world } from '../model/fixture.ts';
import { linkDriver } from '../model/link-driver.ts';
import { openBoxes, reconcilerOn } from './reconcile-rig.ts';
import { uplink } from './rig.ts';

const { rig, kernel } = openBoxes();
const everybody = '00:00:00:00:00:00';
const far = '02:42:0a:58:00:09';
/** Where the other hosts are, and what they have. */
let fdb: readonly (readonly [mac: string, to: string])[] = [];
let neighbours: readonly (readonly [address: string, mac: string])[] = [];

const mesh: Driver = {
  ...linkDriver,
  name: 'mesh',
  scope: 'global',
  linkName: () => 'mesh0',
  planNetwork({ id, ipam }): readonly KernelObject[] {
    const common = { ns: 'host', owner: networkOwner(id) };
    const on = { ns: 'host', link: 'mesh1' };
    const [gateway = ''] = ipam.pools.map((pool) => pool.gateway);
    return [
      { ...common, kind: 'link', type: 'bridge', name: 'mesh0', mtu: 1450 },
      {
        ...common,
        kind: 'link',
        type: 'vxlan',
        name: 'mesh1',
        mtu: 1450,
        vni: 4097,
        port: 4789,
        local: uplink.address,
        master: 'mesh0',
      },
      { kind: 'address', ns: 'host', link: 'mesh0', address: `${gateway}/24` },
      ...fdb.map(([mac, to]): KernelObject => ({ kind: 'fdb', ...on, mac, to })),
      ...neighbours.map(([address, mac]): KernelObject => ({ kind: 'neighbour', ...on, address, mac })),
    ];
  },
};

const here = world({ drivers: driverTable({ more: [mesh] }) });
const pools = [{ subnet: '10.88.0.0/24', auxAddresses: {} }];
const net = here.network('over', { driver: 'mesh', ipam: { driver: '', options: {}, pools } });
const lines: string[] = [];
const reconciler = reconcilerOn(kernel, here.model, rig, lines);
const converge = async (): Promise<readonly string[]> => {
  const before = lines.length;
  await reconciler.convergeNetwork(net.id);
  return lines.slice(before);
};
const entries = (): string[] =>
  rig
    .run('host', 'bridge', 'fdb', 'show', 'dev', 'mesh1')
    .split('\n')
    .filter((line) => line.includes(' dst '))
    .map((line) => line.replace(/^(\S+).* dst (\S+).*$/, '$1 $2'))
    .sort();

test('a tunnel is made with where its frames go, and frames go there', async () => {
  fdb = [
    [everybody, uplink.outside],
    [everybody, '198.51.100.77'],
    [far, uplink.outside],
  ];
  neighbours = [['10.88.0.9', far]];
  await converge();
  expect(rig.run('host', 'ip', '-d', 'link', 'show', 'mesh1')).toMatch(
    /master mesh0[\s\S]*vxlan id 4097 local 198\.51\.100\.2 .*dstport 4789 nolearning/,
  );
  expect(entries()).toEqual([
    `${everybody} ${uplink.outside}`,
    `${everybody} 198.51.100.77`,
    `${far} ${uplink.outside}`,
  ]);
  expect(rig.run('host', 'ip', 'neigh', 'show', 'dev', 'mesh1')).toContain(
    `10.88.0.9 lladdr ${far} PERMANENT`,
  );
  expect(await converge()).toEqual([]);

  const other = ['id', '4097', 'dstport', '4789', 'remote', uplink.address];
  rig.run('outside', 'ip', 'link', 'add', 'vx', 'address', far, 'type', 'vxlan', ...other);
  rig.run('outside', 'ip', 'address', 'add', '10.88.0.9/24', 'dev', 'vx');
  rig.run('outside', 'ip', 'link', 'set', 'vx', 'up');
  expect(rig.run('host', 'busybox', 'ping', '-c1', '-W3', '10.88.0.9')).toContain(' 0% packet loss');
});

test('what moves to another host, or goes, follows', async () => {
  fdb = [
    [everybody, uplink.outside],
    [far, '198.51.100.77'],
  ];
  neighbours = [['10.88.0.9', '02:42:0a:58:00:0a']];
  const said = await converge();
  expect(said.filter((line) => line.includes('kind=fdb')).length).toBe(3);
  expect(said.join('\n')).toContain('mac=02:42:0a:58:00:09->02:42:0a:58:00:0a');
  expect(entries()).toEqual([`${everybody} ${uplink.outside}`, `${far} 198.51.100.77`]);
  expect(await converge()).toEqual([]);
});

test('what others have taken is put back, and all goes with the network', async () => {
  rig.run('host', 'bridge', 'fdb', 'del', far, 'dev', 'mesh1', 'dst', '198.51.100.77');
  rig.run('host', 'ip', 'link', 'set', 'mesh1', 'nomaster');
  const said = (await converge()).join('\n');
  expect(said).toContain('master=');
  expect(said).toContain('act=make kind=fdb');
  expect(await converge()).toEqual([]);
  rig.run('host', 'ip', 'link', 'del', 'mesh1');
  await converge();
  expect(entries().length).toBe(2);
  expect(await converge()).toEqual([]);
  here.model.apply([{ table: 'networks', remove: net.id }]);
  await converge();
  expect(rig.run('host', 'ip', 'link')).not.toContain('mesh');
  await reconciler.close();
});
