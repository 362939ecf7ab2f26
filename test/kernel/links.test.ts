import { expect, test } from 'vitest';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const { route } = kernel.host;

test('a bridge is made with name, alias, MTU, MAC and state as asked', () => {
  route.createLink({
    type: 'bridge',
    name: 'br-a',
    alias: 'seaway:network:1',
    mtu: 1400,
    mac: '02:42:ac:11:00:01',
    up: true,
  });
  const [link] = rig.ip('host', 'link', 'show', 'br-a');
  expect(link).toMatchObject({
    ifname: 'br-a',
    ifalias: 'seaway:network:1',
    mtu: 1400,
    address: '02:42:ac:11:00:01',
    linkinfo: { info_kind: 'bridge' },
  });
  expect(link?.flags).toContain('UP');
  expect(route.findIndex('br-a')).toBe(route.findLink('br-a')?.index);
  expect(route.findIndex('br-none')).toBeUndefined();
  expect(route.findLink('br-a')).toEqual({
    index: link?.ifindex,
    name: 'br-a',
    type: 'bridge',
    mac: '02:42:ac:11:00:01',
    mtu: 1400,
    up: true,
    alias: 'seaway:network:1',
    master: 0,
    parent: 0,
  });
});

test('the peer of a veth is born in its namespace, named, addressed and up', () => {
  const path = rig.path('box');
  kernel.createNamespace(path);
  const box = kernel.openNamespace(path);
  const master = route.findLink('br-a')?.index ?? 0;
  route.createLink({
    type: 'veth',
    name: 'veth-a',
    alias: 'seaway:endpoint:1',
    mtu: 1400,
    up: true,
    master,
    peer: { name: 'eth0', mac: '02:42:ac:11:00:02', mtu: 1400, up: true, alias: 'inner', namespace: box },
  });
  const [inner] = rig.ip(path, 'link', 'show', 'eth0');
  expect(inner).toMatchObject({ address: '02:42:ac:11:00:02', mtu: 1400, ifalias: 'inner' });
  expect(inner?.flags).toContain('UP');
  const [outer] = rig.ip('host', 'link', 'show', 'veth-a');
  expect(outer).toMatchObject({ master: 'br-a', mtu: 1400, operstate: 'UP', ifalias: 'seaway:endpoint:1' });
  expect(route.findLink('veth-a')).toMatchObject({
    type: 'veth',
    master,
    parent: inner?.ifindex,
    port: { hairpin: false, isolated: false },
  });
  expect(rig.ip('host', 'link', 'show').some((link) => link.ifname === 'eth0')).toBe(false);
  box.close();
});

test('a change touches only what is given', () => {
  const index = route.findLink('veth-a')?.index ?? 0;
  route.changeLink(index, { port: { hairpin: true } });
  const [port] = rig.ip('host', 'link', 'show', 'veth-a');
  expect(port?.linkinfo).toMatchObject({ info_slave_data: { hairpin: true, isolated: false } });
  expect(route.findLink('veth-a')?.port).toEqual({ hairpin: true, isolated: false });

  route.changeLink(index, { up: false, name: 'veth-b', alias: '', mtu: 1300, master: 0 });
  expect(route.findLink('veth-a')).toBeUndefined();
  expect(route.findLinkByIndex(index)).toMatchObject({
    name: 'veth-b',
    alias: '',
    mtu: 1300,
    up: false,
    master: 0,
  });
  const [changed] = rig.ip('host', 'link', 'show', 'veth-b');
  expect(changed).not.toHaveProperty('ifalias');
  expect(changed).not.toHaveProperty('master');
});

test('a link moves into another namespace under another name', () => {
  const path = rig.path('moved');
  kernel.createNamespace(path);
  const there = kernel.openNamespace(path);
  const index = route.findLink('veth-b')?.index ?? 0;
  route.changeLink(index, { namespace: there, name: 'eth7', up: true });
  expect(route.findLink('veth-b')).toBeUndefined();
  expect(there.route.findLink('eth7')).toMatchObject({ type: 'veth', up: true });
  there.close();
});

test('macvlan and vxlan links are what they were asked to be', async () => {
  const path = rig.path('mac');
  kernel.createNamespace(path);
  const box = kernel.openNamespace(path);
  const parent = route.findLink(uplink.name)?.index ?? 0;
  route.createLink({
    type: 'macvlan',
    name: 'eth0',
    parent,
    mode: 'vepa',
    up: true,
    alias: 'a',
    namespace: box,
  });
  expect(rig.ip(path, 'link', 'show', 'eth0')[0]).toMatchObject({
    ifalias: 'a',
    linkinfo: { info_kind: 'macvlan', info_data: { mode: 'vepa' } },
  });
  expect(box.route.findLink('eth0')).toMatchObject({ type: 'macvlan', parent, up: true });
  route.createLink({
    type: 'vxlan',
    name: 'vx',
    vni: 4097,
    port: 4789,
    local: uplink.address,
    learning: false,
  });
  expect(rig.ip('host', 'link', 'show', 'vx')[0]?.linkinfo).toMatchObject({
    info_kind: 'vxlan',
    info_data: { id: 4097, port: 4789, local: uplink.address, learning: false },
  });
  // a parent is of macvlan or of ipvlan, not both
  await box.route.removeLinks(['eth0']);
  box.close();
});

test('a link that is up is renamed, and is up again with all else that was asked', () => {
  route.createLink({ type: 'bridge', name: 'before', up: true });
  const index = route.findLink('before')?.index ?? 0;
  route.changeLink(index, { name: 'after', mtu: 1300 });
  expect(route.findLink('after')).toMatchObject({ index, mtu: 1300, up: true });
  route.changeLink(index, { name: 'last', up: false });
  expect(route.findLink('last')).toMatchObject({ index, up: false });
  return route.removeLinks(['last']);
});

test.for(['ipvlan', 'vlan', 'dummy'] as const)('%s works, or is named as what the kernel lacks', (type) => {
  const parent = route.findLink(uplink.name)?.index ?? 0;
  const specs = {
    ipvlan: { type: 'ipvlan', name: 'k0', parent, mode: 'l3', flag: 'private' },
    vlan: { type: 'vlan', name: 'k0', parent, vlan: 100 },
    dummy: { type: 'dummy', name: 'k0' },
  } as const;
  try {
    route.createLink(specs[type]);
  } catch (error) {
    expect(error).toMatchObject({ code: 'KERNEL_LACKS', message: `the kernel lacks ${type}` });
    return;
  }
  expect(rig.ip('host', 'link', 'show', 'k0')[0]?.linkinfo).toMatchObject({ info_kind: type });
  return route.removeLinks(['k0']);
});

test("an error has what was done, the errno's name and the kernel's own words", () => {
  const missing = { type: 'macvlan', name: 'm0', parent: 99_999, mode: 'bridge' } as const;
  expect(() => route.createLink({ type: 'bridge', name: 'br-a' })).toThrow(
    'create bridge link "br-a": file exists (EEXIST)',
  );
  expect(() => route.createLink(missing)).toThrow(/create macvlan link "m0": .*ENODEV/);
  const bridge = route.findLink('br-a')?.index ?? 0;
  expect(() => route.changeLink(bridge, { mtu: 70_000 })).toThrow(/mtu greater than device maximum/);
  expect(() => route.createLink({ type: 'bridge', name: 'x'.repeat(16) })).toThrow(/ERANGE|EINVAL/);
});

test('links are removed, those that are not there are no error, and the rest stays', async () => {
  for (let i = 0; i < 30; i++) route.createLink({ type: 'bridge', name: `gone${i}` });
  const names = Array.from({ length: 30 }, (_, i) => `gone${i}`);
  await Promise.all([
    route.removeLinks(['never', ...names.slice(0, 10)]),
    route.removeLinks(names.slice(10, 20)),
    route.removeLinks(names.slice(20)),
    route.removeLinks([]),
    route.removeLinks(['never']),
  ]);
  const left = rig.ip('host', 'link', 'show').map((link) => link.ifname);
  expect(left.filter((name) => String(name).startsWith('gone'))).toEqual([]);
  expect(left).toContain('br-a');
});

test('a link that cannot be removed is told of, and the others are removed all the same', async () => {
  route.createLink({ type: 'bridge', name: 'victim' });
  await expect(route.removeLinks(['victim', 'lo'])).rejects.toThrow(/remove link "lo": .*EOPNOTSUPP/);
  expect(route.findLink('victim')).toBeUndefined();
  expect(rig.ip('host', 'link', 'show', 'lo')[0]).toMatchObject({ group: 'default' });
});

test('a list has every link, however many there are', async () => {
  const names = Array.from({ length: 150 }, (_, i) => `many${i}`);
  for (const name of names) {
    const peer = { name: `peer-${name}`, alias: 'y'.repeat(200), namespace: kernel.host };
    route.createLink({ type: 'veth', name, alias: 'x'.repeat(200), peer });
  }
  const oracle = rig.ip('host', 'link', 'show').map((link) => link.ifname);
  expect(
    route
      .listLinks()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(oracle.sort());
  await route.removeLinks(names);
  expect(route.listLinks().some(({ name }) => name.includes('many'))).toBe(false);
});

test('a removal under way is finished though its socket is closed', async () => {
  const path = rig.path('closing');
  kernel.createNamespace(path);
  const there = kernel.openNamespace(path);
  there.route.createLink({ type: 'bridge', name: 'br0' });
  const removal = there.route.removeLinks(['br0']);
  there.close();
  await removal;
  expect(rig.ip(path, 'link', 'show')).toHaveLength(1);
});
