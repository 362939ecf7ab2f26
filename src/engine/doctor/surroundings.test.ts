import { expect, test } from 'vitest';
import { closedIn, isListed, packageOf } from './surroundings.ts';

test('chains that drop what is forwarded are found in the list of chains', () => {
  const text = [
    'table inet filter {',
    '\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t}',
    '\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}',
    '}',
    'table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}',
    'table inet seaway {\n\tchain f {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}',
    'table inet firewalld {\n\tchain filter_FORWARD {\n\t\ttype filter hook forward priority filter + 10; policy accept;\n\t}\n}',
  ].join('\n');
  expect(closedIn(text)).toEqual([
    { table: 'inet filter', chain: 'forward', owner: 'the administrator of this host' },
  ]);
});

test('modules are looked up in the lists of depmod', () => {
  const list =
    'kernel/net/ipv4/udp_tunnel.ko.xz:\nkernel/drivers/net/vxlan/vxlan.ko.xz: kernel/net/x.ko\nkernel/net/bridge/br_netfilter.ko';
  expect(['vxlan', 'br-netfilter', 'tunnel', 'macvlan'].map((each) => isListed(list, each))).toEqual([
    ...[true, true, false, false],
  ]);
});

test('the package with further modules is that of the distribution', () => {
  expect(packageOf('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n')).toMatch(/^linux-modules-extra-/);
  expect(packageOf('ID=debian\n')).toMatch(/^linux-image-amd64/);
  expect(packageOf('ID="rocky"\nID_LIKE="rhel centos fedora"\n')).toMatch(/^kernel-modules-extra-/);
  expect(packageOf('')).toMatch(/further modules/);
});
