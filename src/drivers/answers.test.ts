import { describe, expect, it } from 'vitest';
import { completed, withParsed } from '../../test/model/networks.ts';
import { blankNetwork, blankNetworkRequest } from '../model/blank.ts';
import type { Network } from '../model/network.ts';
import { driverTable } from './table.ts';

const { find: findDriver } = driverTable();

const network = (driver: string, more: Partial<Network> = {}): Network =>
  withParsed({
    ...blankNetwork,
    id: 'ab12cd34ef56ab12cd34',
    name: 'net',
    created: '',
    driver,
    enableIPv6: true,
    ipam: {
      driver: 'default',
      options: {},
      pools: [
        { subnet: '10.0.0.0/24', gateway: '10.0.0.1', auxAddresses: {} },
        { subnet: 'fd00::/64', gateway: 'fd00::1', auxAddresses: {} },
      ],
    },
    ...more,
  });

const bridgeOption = (name: string, value: string) => ({ [`com.docker.network.bridge.${name}`]: value });
const noGateways = { ...network('bridge').ipam, pools: [{ subnet: '10.0.0.0/24', auxAddresses: {} }] };

describe('what a driver answers', () => {
  it.each([
    // name, scope, one network only, addresses, ports, shared link
    ['bridge', 'local', false, true, true, false],
    ['macvlan', 'local', false, true, false, true],
    ['ipvlan', 'local', false, true, false, true],
    ['overlay', 'global', false, true, false, false],
    ['host', 'local', true, false, false, false],
    ['null', 'local', true, false, false, false],
  ] as const)('is for %s what Docker has', (name, scope, single, addresses, ports, shares) => {
    const driver = findDriver(name);
    expect(driver).toMatchObject({
      name,
      scope,
      singleInstance: single,
      needsAddresses: addresses,
      sharesLink: shares,
    });
    expect(driver.forwarding !== undefined).toBe(ports);
  });

  it.each(['host', 'null'])('is for %s: nothing in the kernel', (name) => {
    const driver = findDriver(name);
    const none = { ifname: '', ifPrefix: '', hostLink: '', mac: false };
    expect(driver.endpointShape(network(name), { id: 'e', ifname: '' })).toEqual(none);
    expect(driver.linkName('ab12', driver.parse({}))).toBe('');
    expect(driver.leadsOut({ network: network(name) }, 4)).toBe(false);
    expect(driver.hostAddress(network(name), '10.0.0.2/24')).toBeUndefined();
    expect(driver.planNetwork(network(name), { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true })).toEqual(
      [],
    );
  });
});

describe('the way out of a network', () => {
  const parent = { options: { parent: 'up0' } };
  it.each<[string, string, Partial<Network>, boolean, boolean]>([
    ['a bridge', 'bridge', {}, true, true],
    ['an internal bridge', 'bridge', { internal: true }, false, false],
    ['a bridge without IPv6', 'bridge', { enableIPv6: false }, true, false],
    ['a bridge without IPv4', 'bridge', { enableIPv4: false }, false, true],
    ['a bridge without gateways', 'bridge', { ipam: noGateways }, false, false],
    ['macvlan on a parent', 'macvlan', parent, true, true],
    ['macvlan without a parent', 'macvlan', {}, false, false],
    ['internal macvlan', 'macvlan', { ...parent, internal: true }, false, false],
    ['ipvlan on a parent', 'ipvlan', parent, true, true],
    ['ipvlan on a parent, without gateways', 'ipvlan', { ...parent, ipam: noGateways }, false, false],
    ['ipvlan without a parent', 'ipvlan', {}, false, false],
    [
      'ipvlan that routes',
      'ipvlan',
      { options: { parent: 'up0', ipvlan_mode: 'l3' }, ipam: noGateways },
      true,
      true,
    ],
    [
      'ipvlan that routes IPv4 alone',
      'ipvlan',
      { options: { parent: 'up0', ipvlan_mode: 'l3' }, enableIPv6: false },
      true,
      false,
    ],
    [
      'internal ipvlan that routes',
      'ipvlan',
      { options: { parent: 'up0', ipvlan_mode: 'l3s' }, internal: true },
      false,
      false,
    ],
  ])('of %s', (_case, name, more, four, six) => {
    const driver = findDriver(name);
    expect([
      driver.leadsOut({ network: network(name, more) }, 4),
      driver.leadsOut({ network: network(name, more) }, 6),
    ]).toEqual([four, six]);
  });
});

describe('the gateway of a new network', () => {
  it.each([
    ['bridge', {}, true, true],
    ['bridge', bridgeOption('gateway_mode_ipv4', 'isolated'), false, true],
    ['bridge', bridgeOption('gateway_mode_ipv6', 'isolated'), true, false],
    ['bridge', bridgeOption('gateway_mode_ipv4', 'routed'), true, true],
    ['macvlan', {}, true, true],
    ['ipvlan', {}, true, true],
    ['ipvlan', { ipvlan_mode: 'l3' }, false, false],
    ['host', {}, false, false],
  ])('of %s with %j is wanted by family', (name, options, four, six) => {
    const asked = completed(blankNetworkRequest('n', { driver: name, options }));
    const wants = ([4, 6] as const).map((family) => findDriver(name).wantsGateway(asked, family));
    expect(wants).toEqual([four, six]);
  });

  it('of an internal bridge without an address of the host is nobody’s', () => {
    const options = bridgeOption('inhibit_ipv4', 'true');
    const wants = (internal: boolean, family: 4 | 6): boolean =>
      findDriver('bridge').wantsGateway(completed(blankNetworkRequest('n', { options, internal })), family);
    expect([wants(true, 4), wants(true, 6), wants(false, 4)]).toEqual([false, true, true]);
  });
});

describe('the host’s address beside an endpoint', () => {
  it.each([
    [{}, '10.0.0.1', 'fd00::1'],
    [bridgeOption('inhibit_ipv4', 'true'), undefined, 'fd00::1'],
    [bridgeOption('gateway_mode_ipv4', 'isolated'), undefined, 'fd00::1'],
    [bridgeOption('gateway_mode_ipv6', 'isolated'), '10.0.0.1', undefined],
  ])('on a bridge with %j', (options, four, six) => {
    const { hostAddress } = findDriver('bridge');
    const made = network('bridge', { options });
    expect([hostAddress(made, '10.0.0.9/24'), hostAddress(made, 'fd00::9/64')]).toEqual([four, six]);
  });

  it('is none for an address that stands in no pool, none where the host is not on the network', () => {
    expect(findDriver('bridge').hostAddress(network('bridge'), '10.0.1.9/24')).toBeUndefined();
    expect(findDriver('ipvlan').hostAddress(network('ipvlan'), '10.0.0.9/24')).toBeUndefined();
    expect(findDriver('macvlan').hostAddress(network('macvlan'), '10.0.0.9/24')).toBeUndefined();
  });
});

describe('a network on a parent that is refused', () => {
  const request = (driver: string, options: Record<string, string>) =>
    completed(blankNetworkRequest('net', { driver, options, enableIPv6: true }));
  const context = (...networks: Network[]) => ({
    networks,
    facts: { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true },
    hasLink: (name: string) => name === 'up0',
  });
  const on = (driver: string) => network(driver, { options: { parent: 'up0' } });

  it.each([
    ['macvlan', 'ipvlan', 'network di-ab12cd34ef56 is already using parent interface up0'],
    ['ipvlan', 'ipvlan', 'network di-ab12cd34ef56 is already using parent interface up0'],
    ['ipvlan', 'macvlan', 'network dm-ab12cd34ef56 is already using parent interface up0'],
  ])('%s beside %s', (driver, other, message) => {
    expect(() => findDriver(driver).validate(request(driver, { parent: 'up0' }), context(on(other)))).toThrow(
      message,
    );
  });

  it.each(['macvlan', 'ipvlan'])('%s with options that are not valid', (driver) => {
    const refused = (options: Record<string, string>) => () =>
      findDriver(driver).validate(request(driver, options), context());
    expect(refused({ [`${driver}_mode`]: 'odd' })).toThrow(`requested ${driver} mode 'odd' is not valid`);
    expect(refused({ 'com.docker.network.driver.mtu': '1000' })).toThrow('IPv6 needs at least 1280');
    expect(refused({ 'com.docker.network.container_iface_prefix': 'a b' })).toThrow(
      'not the start of a link name',
    );
    expect(refused({ parent: 'lo' })).toThrow(`loopback interface is not a valid ${driver} parent link`);
    expect(refused({ parent: 'up0' })).not.toThrow();
  });
});
