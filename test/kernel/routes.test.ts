import { beforeAll, expect, test } from 'vitest';
import { seawayProtocol } from '../../src/kernel/kernel.ts';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const { route } = rig.kernel().host;
let up0 = 0;

beforeAll(() => {
  up0 = route.findLink(uplink.name)?.index ?? 0;
});

test('the default routes of both families are listed', () => {
  expect(route.listRoutes()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        destination: '0.0.0.0/0',
        gateway: uplink.outside,
        link: up0,
        scope: 'global',
      }),
      expect.objectContaining({ destination: '::/0', gateway: uplink.outside6, link: up0 }),
      expect.objectContaining({ destination: '198.51.100.0/24', source: uplink.address, scope: 'link' }),
    ]),
  );
});

test('a route is ours by its protocol', () => {
  route.replaceRoute({ destination: '203.0.113.0/24', gateway: uplink.outside, link: up0, metric: 7 });
  expect(rig.ip('host', 'route', 'show', '203.0.113.0/24')[0]).toMatchObject({
    gateway: uplink.outside,
    dev: 'up0',
    metric: 7,
    protocol: String(seawayProtocol),
  });
});

test('replacing changes the route with the same destination and metric', () => {
  route.replaceRoute({ destination: '203.0.113.0/24', gateway: '198.51.100.77', metric: 7 });
  const shown = rig.ip('host', 'route', 'show', '203.0.113.0/24');
  expect(shown).toHaveLength(1);
  expect(shown[0]).toMatchObject({ gateway: '198.51.100.77' });
});

test('a route without gateway is on the link, with the source address asked for', () => {
  route.replaceRoute({ destination: '192.0.2.0/24', link: up0, source: uplink.address });
  expect(rig.ip('host', 'route', 'show', '192.0.2.0/24')[0]).toMatchObject({
    scope: 'link',
    prefsrc: uplink.address,
  });
});

test('IPv6 routes are set, replaced and removed in the same way', () => {
  route.replaceRoute({ destination: '2001:db8:99::/48', gateway: uplink.outside6, link: up0 });
  route.replaceRoute({ destination: '2001:db8:99::/48', gateway: '2001:db8:51::77', link: up0 });
  const shown = rig.ip('host', '-6', 'route', 'show', '2001:db8:99::/48');
  expect(shown).toHaveLength(1);
  expect(shown[0]).toMatchObject({ gateway: '2001:db8:51::77', protocol: String(seawayProtocol) });
  route.removeRoute({ destination: '2001:db8:99::/48' });
  expect(rig.ip('host', '-6', 'route', 'show', '2001:db8:99::/48')).toEqual([]);
});

test('blackhole and unreachable routes need no link', () => {
  route.replaceRoute({ destination: '192.168.99.0/24', type: 'blackhole' });
  route.replaceRoute({ destination: 'fd77::/64', type: 'unreachable' });
  expect(rig.ip('host', 'route', 'show', '192.168.99.0/24')[0]).toMatchObject({ type: 'blackhole' });
  expect(rig.ip('host', '-6', 'route', 'show', 'fd77::/64')[0]).toMatchObject({ type: 'unreachable' });
  expect(route.listRoutes()).toContainEqual(
    expect.objectContaining({ destination: '192.168.99.0/24', type: 'blackhole', protocol: seawayProtocol }),
  );
});

test('a removal matches what is given, and nothing to remove is no error', () => {
  route.replaceRoute({ destination: '10.1.0.0/16', gateway: uplink.outside, metric: 1 });
  route.replaceRoute({ destination: '10.1.0.0/16', gateway: uplink.outside, metric: 2 });
  route.removeRoute({ destination: '10.1.0.0/16', protocol: 4 });
  expect(rig.ip('host', 'route', 'show', '10.1.0.0/16')).toHaveLength(2);
  route.removeRoute({ destination: '10.1.0.0/16', metric: 1 });
  expect(rig.ip('host', 'route', 'show', '10.1.0.0/16')).toEqual([expect.objectContaining({ metric: 2 })]);
  route.removeRoute({ destination: '10.1.0.0/16' });
  route.removeRoute({ destination: '10.1.0.0/16' });
  expect(rig.ip('host', 'route', 'show', '10.1.0.0/16')).toEqual([]);
});

test('of a route with several next hops the first one is shown', () => {
  rig.run(
    'host',
    'ip',
    'route',
    'add',
    '10.2.0.0/16',
    'nexthop',
    'via',
    '198.51.100.9',
    'nexthop',
    'via',
    '198.51.100.8',
  );
  expect(route.listRoutes()).toContainEqual(
    expect.objectContaining({ destination: '10.2.0.0/16', gateway: '198.51.100.9', link: up0 }),
  );
});

test('a list of one link has the routes of this link', () => {
  const lo = route.listRoutes({ link: 1 });
  expect(lo.every(({ link }) => link === 1)).toBe(true);
  expect(route.listRoutes({ link: up0 }).length).toBeGreaterThan(3);
  expect(route.listRoutes({ link: 99_999 })).toEqual([]);
});

test('a gateway that cannot be reached is refused in the words of the kernel', () => {
  expect(() => route.replaceRoute({ destination: '10.3.0.0/16', gateway: '203.0.113.1', link: up0 })).toThrow(
    /set route unicast 10\.3\.0\.0\/16 via 203\.0\.113\.1 on link \d+: .*(invalid gateway|ENETUNREACH)/,
  );
});
