import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import type { Rule } from '../../kernel/kernel.ts';
import { seawayProtocol } from '../../kernel/kernel.ts';
import { inodesOf, meshWarnings, refuseTakenPorts } from './preflight.ts';

const rule = (more: Partial<Rule>): Rule => ({
  ...{ family: 4, priority: 5210, mark: 0, mask: 0, table: 254 },
  ...more,
});
const route = (rules: readonly Rule[], addresses: readonly string[] = []) => ({
  listRules: () => rules,
  listLinks: () => [{ index: 7, name: 'seaway-mesh' }] as never,
  listAddresses: () =>
    addresses.map((address) => ({
      link: Number(address.split(' ')[1] ?? 1),
      address: address.split(' ')[0],
    })) as never,
});

it('rules that look at the bits, or are in the place, of the mesh are named once, and its own are not', () => {
  const own = rule({
    priority: 90,
    mark: 0x10_0000,
    mask: 0xfff0_0000,
    table: 77_001,
    protocol: seawayProtocol,
  });
  const narrow = rule({ mark: 1, mask: 0xff });
  expect(meshWarnings(route([own, narrow]))).toEqual([]);
  const tailscale = rule({ mark: 0x8_0000, mask: 0xff_0000 });
  expect(meshWarnings(route([tailscale, { ...tailscale, family: 6 }]))).toEqual([
    'WARNING: a routing rule of another program (priority 5210, fwmark 0x80000/0xff0000) looks at bits of packet marks that the routing mesh sets (0xfff00000)',
  ]);
  expect(
    meshWarnings(
      route([rule({ priority: 90, mark: 1, mask: 1 }), rule({ mark: 1, mask: 1, table: 77_009 })]),
    ),
  ).toEqual([
    expect.stringContaining('(priority 90, table 254) is where the routing mesh has its own'),
    expect.stringContaining('(priority 5210, table 77009) is where'),
  ]);
});

it('an address of the range of the mesh is named, but on its own link', () => {
  expect(
    meshWarnings(route([], ['169.254.16.1/32 7', '169.254.99.1/16', '10.0.0.1/8', 'fe80::1/64'])),
  ).toEqual([]);
  expect(meshWarnings(route([], ['169.254.17.5/20']))).toEqual([
    "WARNING: address 169.254.17.5/20 of this host is of the routing mesh's 169.254.16.0/20",
  ]);
});

const udp = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  100: 00000000:12B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 0
  101: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4712 2 0000000000000000 0
  102: 00000000:12B5 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 4713 2 0000000000000000 0`;

it('sockets that are bound to a port are found', () => {
  expect(inodesOf(udp, 4789)).toEqual(['socket:[4711]']);
  expect(inodesOf('', 4789)).toEqual([]);
});

it('a port that a program has is refused with its name, and a free one is not', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const host = { inside: <T>(open: () => T): T => open() };
  const wanted = [{ protocol: 'tcp', port, what: 'of the test' }] as const;
  await expect(refuseTakenPorts(host, wanted)).rejects.toThrow(
    new RegExp(
      `^listen tcp :${port}: bind: address already in use: .+ \\(process ${process.pid}\\) has the port of the test$`,
    ),
  );
  server.close();
  await once(server, 'close');
  await refuseTakenPorts(host, wanted);
});

it('an address that this host does not have is left to the one who listens there', async () => {
  const host = { inside: <T>(open: () => T): T => open() };
  await refuseTakenPorts(host, [{ protocol: 'tcp', port: 7946, host: '192.0.2.1', what: 'of the test' }]);
});
