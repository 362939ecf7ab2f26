/** Where the host's routes lead, read once, and again when something concerns it. */
import { expect, test } from 'vitest';
import {
  type HostRoutes,
  type ObservedHostRoute,
  readHostRoutes,
  WatchedHostRoutes,
} from '../../src/reconcile/host-routes.ts';
import { modelOf, network } from '../golden/plans/world.ts';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const own = network('own', { link: 'br-own' });
const model = modelOf({ networks: [own] });
const hostRoutes: HostRoutes = new WatchedHostRoutes(kernel, model);
const ip = (...words: string[]): void => void rig.run('host', 'ip', ...words);

/** What it says now, and whether it looked for that; it is always what a look says. */
function ask(): {
  readonly looked: boolean;
  readonly found: readonly string[];
  readonly all: readonly ObservedHostRoute[];
} {
  const before = last;
  last = hostRoutes.routes();
  expect(last).toEqual(readHostRoutes(kernel.host.route, (link) => link === 'br-own'));
  return { looked: last !== before, found: last.map(({ destination }) => destination), all: last };
}
let last: readonly ObservedHostRoute[] | undefined;

test('what happens on links of networks, and on links without routes, is no reason to look', () => {
  ask();
  ip('link', 'add', 'br-own', 'type', 'bridge');
  ip('addr', 'add', '10.7.0.1/24', 'dev', 'br-own');
  ip('link', 'set', 'br-own', 'up');
  ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  ip('link', 'set', 'v0', 'up');
  ip('link', 'del', 'v0');
  expect(ask().looked).toBe(false);
  expect(ask().found).not.toContain('10.7.0.0/24');
  ip('link', 'set', 'br-own', 'down');
  expect(ask().looked).toBe(false);
});

test('a route of somebody else is seen at once, and that it goes', () => {
  ip('route', 'add', '203.0.113.0/24', 'via', uplink.outside);
  expect(ask().found).toContain('203.0.113.0/24');
  expect(ask().looked).toBe(false);
  ip('route', 'del', '203.0.113.0/24');
  expect(ask().found).not.toContain('203.0.113.0/24');
  ip('route', 'add', 'blackhole', '192.0.2.0/24');
  ask();
  ip('route', 'del', 'blackhole', '192.0.2.0/24');
  ask();
});

test('so are the size of an uplink, routes that go with their link, and a default route by a network', () => {
  ip('link', 'set', uplink.name, 'mtu', '1400');
  expect(ask().all.find(({ link }) => link === uplink.name)?.mtu).toBe(1400);
  ip('link', 'add', 'tun9', 'type', 'veth', 'peer', 'name', 'tun8');
  ip('link', 'set', 'tun8', 'up');
  ip('link', 'set', 'tun9', 'up');
  ip('route', 'add', '10.99.0.0/16', 'dev', 'tun9');
  expect(ask().found).toContain('10.99.0.0/16');
  ip('link', 'set', 'tun9', 'down');
  expect(ask().found).not.toContain('10.99.0.0/16');
  ip('link', 'set', 'br-own', 'up');
  ip('route', 'add', '0.0.0.0/1', 'dev', 'br-own');
  expect(ask().found).toContain('0.0.0.0/1');
});

test('a route by several next hops is seen to come and to go', () => {
  ip('route', 'add', '10.98.0.0/16', 'nexthop', 'via', uplink.outside, 'nexthop', 'via', '198.51.100.77');
  expect(ask().found).toContain('10.98.0.0/16');
  ip('route', 'del', '10.98.0.0/16');
  expect(ask().found).not.toContain('10.98.0.0/16');
});

test('a link that is no network’s any more is looked at again', () => {
  model.apply([{ table: 'networks', remove: own.id }]);
  hostRoutes.invalidate();
  expect(hostRoutes.routes().map(({ destination }) => destination)).toContain('10.7.0.0/24');
});
