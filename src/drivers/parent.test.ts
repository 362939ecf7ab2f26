import { describe, expect, it } from 'vitest';
import { withParsed } from '../../test/model/networks.ts';
import { blankNetwork } from '../model/blank.ts';
import type { RequestContext } from '../model/driver.ts';
import type { Network } from '../model/network.ts';
import { type ParentOptions, parentName, planParent, sharingParent, validateParent } from './parent.ts';

const network = (name: string, driver: string, parent: string): Network =>
  withParsed({
    ...blankNetwork,
    id: `${name}`.padEnd(20, '0'),
    name,
    created: '',
    driver,
    options: parent ? { parent } : {},
  });

const context = (networks: readonly Network[] = []): RequestContext => ({
  networks,
  facts: { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true },
  hasLink: (name) => ['lo', 'up0', 'up0.5', 'my-link'].includes(name),
});

describe('the parent that is asked for', () => {
  it.each(['', 'up0', 'my-link', 'up0.5', 'up0.1', 'up0.4094', 'my-link.10'])('may be "%s"', (parent) => {
    expect(() => validateParent(parent, 'macvlan', context())).not.toThrow();
  });

  it.each([
    ['lo', 'loopback interface is not a valid macvlan parent link'],
    ['eth7', 'invalid subinterface vlan name eth7, example formatting is eth0.10'],
    ['up0.00000000000100', 'invalid subinterface vlan name'],
    ['up0.', 'unable to parse a valid vlan id from:  (ex. eth0.10 for vlan 10)'],
    ['up0.x', 'unable to parse a valid vlan id from: x'],
    ['up0.1x', 'unable to parse a valid vlan id from: 1x'],
    ['eth7.10', '-o parent interface was not found on the host: eth7'],
    ['up0.5.6.7', '-o parent interface was not found on the host: up0.5.6'],
    ['.10', '-o parent interface was not found on the host: '],
    ['up0.0', 'vlan id must be between 1-4094, received: 0'],
    ['up0.4095', 'vlan id must be between 1-4094, received: 4095'],
    ['up0.-1', 'vlan id must be between 1-4094, received: -1'],
  ])('is not %s', (parent, message) => {
    expect(() => validateParent(parent, 'macvlan', context())).toThrow(message);
  });
});

describe('the link that endpoints hang on', () => {
  const names = (parent: string) => {
    const asked = network('ab12cd34ef56', 'macvlan', parent);
    return planParent(asked as Network<ParentOptions>).map((link) => ({ ...link, owner: undefined }));
  };

  it('is a dummy with the network’s id where none is asked', () => {
    expect(parentName('ab12cd34ef5678', { parent: '', mtu: 0 }, 'macvlan')).toBe('dm-ab12cd34ef56');
    expect(names('')).toMatchObject([{ type: 'dummy', name: 'dm-ab12cd34ef56', ns: 'host', mtu: 0 }]);
  });

  it('is a sub-interface by the last number of its name', () => {
    expect(parentName('ab', { parent: 'up0.10', mtu: 0 }, 'macvlan')).toBe('up0.10');
    expect(names('up0.10')).toMatchObject([{ type: 'vlan', name: 'up0.10', parent: 'up0', vlan: 10 }]);
    expect(names('a.b.4094')).toMatchObject([{ parent: 'a.b', vlan: 4094 }]);
    expect(names('up0.1')).toMatchObject([{ vlan: 1 }]);
  });

  it.each(['up0', 'my.link', 'up0.0', 'up0.4095'])('is not the engine’s to make where it is %s', (parent) => {
    expect(names(parent)).toEqual([]);
  });
});

describe('the networks on the same parent', () => {
  const all = [
    network('a', 'macvlan', 'up0'),
    network('b', 'ipvlan', 'up0'),
    network('c', 'macvlan', 'my-link'),
  ];

  it('are those of all drivers that hang on one', () => {
    const sharing = (parent: string) => sharingParent(parent, context(all)).map(({ name }) => name);
    expect([sharing('up0'), sharing('up1')]).toEqual([['a', 'b'], []]);
    const others = [
      ...all,
      network('e', 'bridge', 'up1'),
      { ...network('f', 'macvlan', 'up1'), configOnly: true },
    ];
    expect(sharingParent('up1', context(others))).toEqual([]);
  });

  it('are none where no parent is asked: each stand-in is one network’s', () => {
    const others = context([network('d', 'macvlan', '')]);
    expect(sharingParent('', others)).toEqual([]);
  });
});
