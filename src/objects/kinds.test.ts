import { describe, expect, it } from 'vitest';
import { kindOf } from './kinds.ts';
import type { BridgeLink, VethLink, VlanLink } from './object.ts';
import type { ObservedLink } from './observed.ts';
import { endpointOwner, isMarked, markedMac, networkOwner, parseOwner } from './owner.ts';
import { sysctlPath } from './sysctl.ts';

const id = 'ab12cd34ef56ab12cd34ef56';

const bridge: BridgeLink = {
  kind: 'link',
  type: 'bridge',
  ns: 'host',
  name: 'br-ab12cd34ef56',
  owner: networkOwner(id),
  mtu: 1500,
  mac: markedMac('network', id),
};

const veth: VethLink = {
  kind: 'link',
  type: 'veth',
  ns: 'host',
  name: 'vethab12cd34ef5',
  owner: endpointOwner(id),
  mtu: 1500,
  mac: markedMac('endpoint', id),
  master: bridge.name,
  hairpin: true,
  isolated: false,
  peer: { ns: 'box', name: 'eth0', mac: '02:42:ac:11:00:02' },
};

const seenBridge: ObservedLink = {
  kind: 'link',
  ns: 'host',
  name: bridge.name,
  type: 'bridge',
  mac: bridge.mac ?? '',
  mtu: 1500,
  up: true,
  alias: bridge.owner,
  master: '',
  parent: '',
  hairpin: false,
  isolated: false,
};

const seenVeth: ObservedLink = {
  ...seenBridge,
  name: veth.name,
  type: 'veth',
  mac: veth.mac ?? '',
  alias: veth.owner,
  master: bridge.name,
  hairpin: true,
  peer: { ns: 'box', name: 'eth0', mac: veth.peer.mac, mtu: 1500, up: true, alias: veth.owner },
};

const link = kindOf('link');
const fields = (desired: Parameters<typeof link.differences>[0], observed: ObservedLink): string[] =>
  link.differences(desired, observed).map(({ field, inPlace }) => `${field}${inPlace ? '' : ' (recreated)'}`);

describe('links', () => {
  it('one that is as it should be has no differences', () => {
    expect(fields(bridge, seenBridge)).toEqual([]);
    expect(fields(veth, seenVeth)).toEqual([]);
  });

  it.each([
    [{ mtu: 1400 }, ['mtu']],
    [{ up: false }, ['up']],
    [{ mac: '02:00:00:00:00:01' }, ['mac']],
    [{ alias: networkOwner('ff') }, ['owner']],
    [{ alias: '' }, ['owner']],
    [{ type: 'dummy' }, ['type (recreated)']],
  ])('a bridge that differs in %j', (change, expected) => {
    expect(fields(bridge, { ...seenBridge, ...change })).toEqual(expected);
  });

  it.each([
    [{ master: '' }, ['master']],
    [{ hairpin: false, isolated: true }, ['hairpin', 'isolated']],
    [{ alias: endpointOwner('ff') }, ['owner (recreated)']],
    [{ peer: { ...seenBridge, ...seenVeth.peer, mtu: 1300, up: false } }, ['peer.mtu', 'peer.up']],
  ])('a pair that differs in %j', (change, expected) => {
    expect(fields(veth, { ...seenVeth, ...(change as Partial<ObservedLink>) })).toEqual(expected);
  });

  it('a pair without its other end is recreated', () => {
    const { peer: _, ...alone } = seenVeth;
    expect(fields(veth, alone)).toEqual(['peer (recreated)']);
  });

  it("somebody else's bridge is used as it is, and only brought up", () => {
    const theirs = { ...seenBridge, alias: 'mine', mtu: 9000, mac: '02:00:00:00:00:01' };
    expect(fields(bridge, theirs)).toEqual([]);
    expect(fields(bridge, { ...theirs, up: false })).toEqual(['up']);
    expect(link.removable(theirs)).toBe(false);
  });

  it("somebody else's sub-interface may have any parent", () => {
    const vlan: VlanLink = { ...bridge, type: 'vlan', name: 'up0.5', parent: 'up0', vlan: 5 };
    const theirs = { ...seenBridge, type: 'vlan', alias: '', mac: '02:00:00:00:00:01', parent: 'up1' };
    expect(fields(vlan, theirs)).toEqual([]);
    expect(fields(vlan, { ...theirs, alias: vlan.owner, mac: vlan.mac ?? '' })).toEqual([
      'parent (recreated)',
    ]);
  });

  it('an MTU of 0 leaves what is there', () => {
    expect(fields({ ...bridge, mtu: 0 }, { ...seenBridge, mtu: 9000 })).toEqual([]);
  });

  it('one that was left half-made, without an alias, is known by its name and MAC address', () => {
    expect(link.removable({ ...seenVeth, alias: '' })).toBe(true);
    expect(link.removable({ ...seenVeth, alias: '', mac: '02:00:00:00:00:01' })).toBe(false);
    expect(link.removable({ ...seenVeth, alias: '', ns: 'box' })).toBe(false);
  });

  it('is printed as ip -d link shows it', () => {
    expect(link.print(veth)).toEqual([
      'vethab12cd34ef5@eth0: <UP> mtu 1500 master br-ab12cd34ef56',
      '    link/ether 02:5e:ab:12:cd:34',
      '    veth',
      '    bridge_slave hairpin on isolated off',
      '    peer eth0 in box link/ether 02:42:ac:11:00:02',
      `    alias seaway:endpoint:${id}`,
    ]);
  });
});

describe('owners', () => {
  it('are read back from an alias', () => {
    expect(parseOwner(networkOwner('ab'))).toEqual({ scope: 'network', id: 'ab' });
    expect(parseOwner(endpointOwner('ab'))).toEqual({ scope: 'endpoint', id: 'ab' });
    expect(parseOwner('seaway:other:ab')).toBeUndefined();
    expect(parseOwner('')).toBeUndefined();
  });

  it('mark the MAC addresses of links on the host', () => {
    expect(markedMac('network', id)).toBe('02:42:ab:12:cd:34');
    expect(isMarked(bridge as { name: string; mac: string })).toBe(true);
    expect(isMarked(veth as { name: string; mac: string })).toBe(true);
    expect(isMarked({ name: 'docker0', mac: markedMac('network', id) })).toBe(false);
    expect(isMarked({ name: veth.name, mac: markedMac('network', id) })).toBe(false);
  });
});

describe('addresses', () => {
  const seen = {
    kind: 'address',
    ns: 'host',
    link: 'br-1',
    address: '10.0.0.1/24',
    scope: 'global',
    linkType: 'bridge',
    alias: networkOwner('ab'),
  } as const;

  it('may be removed only from a bridge of ours', () => {
    const { removable } = kindOf('address');
    expect(removable(seen)).toBe(true);
    expect(removable({ ...seen, scope: 'link' })).toBe(false);
    expect(removable({ ...seen, alias: '' })).toBe(false);
    expect(removable({ ...seen, linkType: 'veth' })).toBe(false);
  });
});

describe('routes', () => {
  const desired = {
    kind: 'route',
    ns: 'box',
    destination: '0.0.0.0/0',
    link: 'eth0',
    gateway: '10.0.0.1',
  } as const;

  it('of ours follow the plan, those of others are left alone', () => {
    const { differences } = kindOf('route');
    expect(differences(desired, { ...desired, gateway: '10.0.0.9', ours: true })).toEqual([
      { field: 'gateway', desired: '10.0.0.1', observed: '10.0.0.9', inPlace: true },
    ]);
    expect(differences(desired, { ...desired, gateway: '10.0.0.9', ours: false })).toEqual([]);
  });

  it('are printed as ip route shows them', () => {
    const { print } = kindOf('route');
    expect(print(desired)).toEqual(['default via 10.0.0.1 dev eth0 proto 94']);
    expect(print({ ...desired, destination: '::/0', gateway: '' })).toEqual(['-6 default dev eth0 proto 94']);
  });
});

describe('sysctls', () => {
  it.each([
    ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
    ['net/ipv4/conf/eth0.5/forwarding', 'net/ipv4/conf/eth0.5/forwarding'],
    ['net.ipv4.conf.eth0/5.forwarding', 'net/ipv4/conf/eth0.5/forwarding'],
  ])('%s is the path %s', (key, path) => {
    expect(sysctlPath(key)).toBe(path);
  });

  it('of a link come after it, those that links take over before', () => {
    const { rank } = kindOf('sysctl');
    const at = (key: string): number => rank({ kind: 'sysctl', ns: 'host', key, value: '1' });
    expect(at('net/ipv6/conf/eth0/disable_ipv6')).toBeGreaterThan(link.rank(veth));
    expect(at('net/ipv6/conf/default/disable_ipv6')).toBeLessThan(link.rank(bridge));
    expect(at('net/ipv4/ip_forward')).toBeLessThan(link.rank(bridge));
  });

  it('compare by words', () => {
    const desired = { kind: 'sysctl', ns: 'box', key: 'net/ipv4/tcp_rmem', value: '1 2 3' } as const;
    expect(kindOf('sysctl').differences(desired, { ...desired, value: '1\t2\t3' })).toEqual([]);
    expect(kindOf('sysctl').differences(desired, { ...desired, value: '1\t2\t4' })).toHaveLength(1);
  });
});
