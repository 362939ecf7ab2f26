import { beforeAll, expect, test } from 'vitest';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const { route } = rig.kernel().host;
let link = 0;

beforeAll(() => {
  route.createLink({ type: 'bridge', name: 'br-a', up: true });
  link = route.findLink('br-a')?.index ?? 0;
});

const addressesOf = (name: string): readonly unknown[] =>
  rig.ip('host', 'addr', 'show', 'dev', name).flatMap((each) => each.addr_info as unknown[]);

test('an IPv4 address has the broadcast address that Docker gives it', () => {
  route.addAddress({ link, address: '172.17.0.1/16', scope: 'global' });
  expect(addressesOf('br-a')).toContainEqual(
    expect.objectContaining({
      local: '172.17.0.1',
      prefixlen: 16,
      broadcast: '172.17.255.255',
      scope: 'global',
    }),
  );
});

test('an IPv6 address without duplicate detection is usable at once', () => {
  route.addAddress({ link, address: 'fd00:0:0::1/64', scope: 'global', nodad: true });
  expect(addressesOf('br-a')).toContainEqual(
    expect.objectContaining({ local: 'fd00::1', prefixlen: 64, nodad: true }),
  );
  expect(route.listAddresses(link)).toContainEqual({
    link,
    address: 'fd00::1/64',
    scope: 'global',
    nodad: true,
  });
});

test('scopes and full-length prefixes are kept', () => {
  route.addAddress({ link, address: '169.254.7.7/32', scope: 'link' });
  expect(route.listAddresses(link)).toContainEqual({ link, address: '169.254.7.7/32', scope: 'link' });
  expect(addressesOf('br-a')).toContainEqual(
    expect.objectContaining({ local: '169.254.7.7', scope: 'link' }),
  );
});

test('adding twice and removing twice are no errors', () => {
  const address = { link, address: '10.9.0.1/24', scope: 'global' } as const;
  route.addAddress(address);
  route.addAddress(address);
  route.removeAddress(address);
  route.removeAddress(address);
  route.removeAddress({ ...address, link: 99_999 });
  expect(addressesOf('br-a')).not.toContainEqual(expect.objectContaining({ local: '10.9.0.1' }));
});

test('a list is of one link or of all', () => {
  const up0 = route.findLink(uplink.name)?.index ?? 0;
  const own = route.listAddresses(up0);
  expect(own.map(({ address }) => address)).toContain(`${uplink.address}/24`);
  expect(own.every((address) => address.link === up0)).toBe(true);
  expect(route.listAddresses().map(({ address }) => address)).toEqual(
    expect.arrayContaining([`${uplink.address}/24`, '172.17.0.1/16', '127.0.0.1/8', '::1/128']),
  );
  expect(route.listAddresses(99_999)).toEqual([]);
});

test('a refused address says why', () => {
  rig.run('host', 'sysctl', '-qw', 'net.ipv6.conf.br-a.disable_ipv6=1');
  expect(() => route.addAddress({ link, address: 'fd01::1/64', scope: 'global' })).toThrow(
    // older kernels (6.1) do not add "IPv6 is disabled on this device"
    /add address fd01::1\/64 to link \d+: permission denied \(EACCES/,
  );
  expect(() => route.addAddress({ link, address: '10.0.0.1/33', scope: 'global' })).toThrow(
    'invalid prefix length: 10.0.0.1/33',
  );
});
