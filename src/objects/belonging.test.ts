import { describe, expect, it } from 'vitest';
import { observedLink } from '../../test/objects/fixture.ts';
import { kindOf } from './kinds.ts';
import type { BridgeLink, IpvlanLink } from './object.ts';
import type { ObservedLink } from './observed.ts';
import {
  adoptedOwner,
  endpointOwner,
  fanoutMac,
  isMarked,
  isOurs,
  markedMac,
  networkOwner,
  parseOwner,
} from './owner.ts';
import { sysctlPath } from './sysctl.ts';

const id = 'ab12cd34ef56ab12cd34ef56';
const link = kindOf('link');

const seen = observedLink('eth0', { ns: 'box', type: 'ipvlan', alias: endpointOwner(id), parent: 'up0' });

const ipvlan: IpvlanLink = {
  kind: 'link',
  type: 'ipvlan',
  ns: 'box',
  name: 'eth0',
  owner: endpointOwner(id),
  mtu: 1500,
  parent: 'up0',
  mode: 'l2',
  flag: 'bridge',
};

const bridge: BridgeLink = {
  kind: 'link',
  type: 'bridge',
  ns: 'host',
  name: 'br-ab12cd34ef56',
  owner: networkOwner(id),
  mtu: 1500,
  mac: markedMac('network', id),
};

describe('the turn of a link', () => {
  it('is that of its type where it is wanted, and that of its owner where it was found', () => {
    expect(link.rank(bridge)).toBeLessThan(link.rank(ipvlan));
    expect(link.rank({ ...seen, alias: networkOwner(id) })).toBe(link.rank(bridge));
    expect(link.rank(seen)).toBe(link.rank(ipvlan));
    expect(link.rank({ ...seen, alias: 'somebody' })).toBe(link.rank(ipvlan));
  });

  it('is before its values, its addresses, and routes', () => {
    const at = [
      kindOf('sysctl').rank({ kind: 'sysctl', ns: 'box', key: 'net/ipv4/conf/all/forwarding', value: '' }),
      link.rank(bridge),
      link.rank(ipvlan),
      kindOf('sysctl').rank({ kind: 'sysctl', ns: 'box', key: 'net/ipv4/neigh/eth0/x', value: '' }),
      kindOf('address').rank({ kind: 'address', ns: 'box', link: 'eth0', address: '' }),
      kindOf('route').rank({ kind: 'route', ns: 'box', destination: '', link: '', gateway: '' }),
    ];
    expect(at).toEqual([...new Set(at)].sort((a, b) => a - b));
  });
});

describe('what goes with a link', () => {
  it('is known by both of its ends', () => {
    const peer = { ns: 'other', name: 'eth7', mac: '', mtu: 0, up: true, alias: '' };
    expect(link.goesWith({ ...seen, peer })).toEqual([
      { ns: 'box', link: 'eth0' },
      { ns: 'other', link: 'eth7' },
    ]);
    expect(link.goesWith(seen)).toEqual([{ ns: 'box', link: 'eth0' }]);
  });

  it('are its addresses, its routes and its values', () => {
    const at = [{ ns: 'box', link: 'eth0' }];
    const address = {
      kind: 'address',
      ns: 'box',
      link: 'eth0',
      address: '',
      scope: 'global',
      linkType: '',
      alias: '',
    } as const;
    const route = {
      kind: 'route',
      ns: 'box',
      link: 'eth0',
      destination: '',
      gateway: '',
      ours: true,
    } as const;
    const sysctl = { kind: 'sysctl', ns: 'box', key: 'net/ipv6/conf/eth0/disable_ipv6', value: '' } as const;
    expect(kindOf('address').goesWith(address)).toEqual(at);
    expect(kindOf('route').goesWith(route)).toEqual(at);
    expect(kindOf('sysctl').goesWith(sysctl)).toEqual(at);
    expect([kindOf('route').removable(route), kindOf('route').removable({ ...route, ours: false })]).toEqual([
      true,
      false,
    ]);
    expect(kindOf('sysctl').removable(sysctl)).toBe(false);
  });
});

describe('a link that may be half-made', () => {
  const differing = (desired: Parameters<typeof link.differences>[0], more: Partial<ObservedLink>) =>
    link.differences(desired, { ...seen, ...more }).map(({ field, inPlace }) => `${field} ${inPlace}`);

  it('without its own MAC address is known by its parent, inside a sandbox', () => {
    expect(differing(ipvlan, { alias: '' })).toEqual(['owner true']);
    expect(differing(ipvlan, { alias: '', parent: 'up1' })).toEqual(['owner false']);
    expect(differing({ ...ipvlan, ns: 'host' }, { alias: '', ns: 'host' })).toEqual(['owner false']);
  });

  it('is somebody else’s where it has another alias', () => {
    expect(differing(ipvlan, { alias: 'mine' })).toEqual(['owner false']);
    expect(differing(ipvlan, {})).toEqual([]);
    expect(differing(ipvlan, { parent: 'up1' })).toEqual(['parent false']);
    expect(differing(ipvlan, { alias: endpointOwner('ff') })).toEqual(['owner false']);
  });

  it('with a MAC address is known by that alone', () => {
    const like = { type: 'bridge', ns: 'host', name: bridge.name, alias: '' } as const;
    expect(differing(bridge, { ...like, mac: bridge.mac ?? '' })).toEqual(['owner true']);
    expect(differing(bridge, like)).toEqual([]);
  });

  it('of no type that rtnetlink knows is hardware', () => {
    expect(link.differences(ipvlan, { ...seen, type: '' })).toEqual([
      { field: 'type', desired: 'ipvlan', observed: 'hardware', inPlace: false },
    ]);
  });

  it('says who has the other end', () => {
    const veth = {
      ...ipvlan,
      type: 'veth',
      master: '',
      hairpin: false,
      isolated: false,
      peer: { ns: 'host', name: 'v', mac: '' },
    } as const;
    const peer = { ns: 'host', name: 'v', mac: '', mtu: 1500, up: true, alias: 'somebody' };
    expect(link.differences(veth, { ...seen, type: 'veth', peer })).toEqual([
      { field: 'peer', desired: 'v', observed: 'somebody', inPlace: false },
    ]);
  });
});

describe('the marks of ownership', () => {
  it.each([
    'seaway:network:',
    'seaway:network:x-z',
    'seaway:network:ab:cd',
    'xseaway:network:ab',
    'seaway:endpoint:AB',
  ])('are not read from "%s"', (alias) => {
    expect(parseOwner(alias)).toBeUndefined();
  });

  it('are read and made for the ids of a swarm, which are no hex digits', () => {
    const id = 'xw8zq3k0a1b2c3d4e5f6g7h8i';
    expect(parseOwner(networkOwner(id))).toEqual({ scope: 'network', id });
    expect(markedMac('network', id)).toMatch(/^02:42(:[0-9a-f]{2}){4}$/);
    expect(markedMac('network', id)).not.toBe(markedMac('network', `y${id.slice(1)}`));
    expect(markedMac('network', 'abcdef0123')).toBe('02:42:ab:cd:ef:01');
  });

  it('begin with the engine’s name', () => {
    expect([isOurs('seaway:x'), isOurs('seaway'), isOurs(' seaway:x')]).toEqual([true, false, false]);
  });

  it('name where an adopted link is from', () => {
    expect(parseOwner(adoptedOwner('ab12', 'wg0'))).toEqual({ scope: 'endpoint', id: 'ab12', from: 'wg0' });
    expect(parseOwner(endpointOwner('ab12'))).toEqual({ scope: 'endpoint', id: 'ab12' });
    for (const alias of ['seaway:endpoint:ab12:', 'seaway:endpoint:ab12:a:b', 'seaway:node:ab12'])
      expect(parseOwner(alias)).toBeUndefined();
  });

  it('are MAC addresses of eight digits of an id', () => {
    expect(markedMac('network', id)).toBe('02:42:ab:12:cd:34');
    expect(markedMac('endpoint', id)).toBe('02:5e:ab:12:cd:34');
    expect([fanoutMac(id, 1), fanoutMac(id, 31)]).toEqual(['02:61:ab:12:cd:34', '02:7f:ab:12:cd:34']);
  });

  it.each<[string, string, boolean]>([
    ['br-ab12cd34ef56', markedMac('network', id), true],
    ['mh-ab12cd34ef56', markedMac('network', id), true],
    ['vethab12cd34ef5', markedMac('endpoint', id), true],
    ['bx-ab12cd34ef51', fanoutMac(id, 1), true],
    ['bp-ab12cd34ef5a', fanoutMac(id, 10), true],
    ['bx-ab12cd34ef52', fanoutMac(id, 1), false],
    ['br-ab12cd34ef56', markedMac('endpoint', id), false],
    ['br-ff12cd34ef56', markedMac('network', id), false],
    ['br-ab12cd34ef', markedMac('network', id), false],
    ['br-ab12cd34', markedMac('network', id), false],
    ['br-ab12cd34ef567', markedMac('network', id), false],
    ['eth0', '02:00:00:00:00:01', false],
  ])('of %s with %s: %s', (name, mac, expected) => {
    expect(isMarked({ name, mac })).toBe(expected);
  });
});

describe('the path of a value', () => {
  it.each([
    ['kernel', 'kernel'],
    ['.odd', '/odd'],
    ['/odd.x', '/odd.x'],
    ['a.b/c.d', 'a/b.c/d'],
    ['a/b.c', 'a/b.c'],
  ])('of %s is %s', (key, path) => {
    expect(sysctlPath(key)).toBe(path);
  });
});
