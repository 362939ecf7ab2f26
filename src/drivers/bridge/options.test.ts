import { describe, expect, it } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import { plainNetwork, withParsed } from '../../../test/model/networks.ts';
import { driverTable } from '../table.ts';
import { readBridgeOptions } from './options.ts';

const { find: findDriver } = driverTable();

const bridge = (options: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(options).map(([key, value]) => [`com.docker.network.bridge.${key}`, value]),
  );

describe('options of a bridge network', () => {
  it('have the defaults of Docker', () => {
    expect(readBridgeOptions({})).toMatchObject({
      name: '',
      icc: true,
      masquerade: true,
      mode: { 4: 'nat', 6: 'nat' },
      source: { 4: '', 6: '' },
      binding: { 4: '', 6: '' },
      trusted: [],
      mtu: 0,
    });
  });

  it('are what the firewall and published ports follow', () => {
    const options = {
      ...bridge({
        enable_icc: 'false',
        enable_ip_masquerade: '0',
        gateway_mode_ipv4: 'nat-unprotected',
        gateway_mode_ipv6: 'routed',
        trusted_host_interfaces: 'vpn0::eth1',
        host_binding_ipv4: '127.0.0.1',
        host_binding_ipv6: '::1',
      }),
      'com.docker.network.host_ipv4': '192.0.2.1',
      'com.docker.network.host_ipv6': '2001:DB8:0::1',
    };
    expect(
      findDriver('bridge').forwarding?.(
        withParsed({ ...plainNetwork, id: 'n', name: 'n', created: '', options }),
      ),
    ).toMatchObject({
      icc: false,
      masquerade: false,
      mode: { 4: 'nat-unprotected', 6: 'routed' },
      source: { 4: '192.0.2.1', 6: '2001:db8::1' },
      binding: { 4: '127.0.0.1', 6: '::1' },
      trusted: ['vpn0', 'eth1'],
    });
  });

  it('bind published ports of IPv6 to no address of the other family, as Docker has it', () => {
    expect(readBridgeOptions(bridge({ host_binding_ipv6: '192.0.2.1' })).binding[6]).toBe('');
    expect(readBridgeOptions(bridge({ host_binding_ipv4: '::' })).binding[4]).toBe('::');
  });

  const unmatchable = [
    'a+b',
    'a+',
    '--help',
    '-br',
    'a,b',
    '$(id)',
    'a"b',
    'é',
    '*',
    'br!x',
    'a b',
    'a%d',
    'all',
  ];
  it.each<[Record<string, string>, string]>([
    ...unmatchable.map((name): [Record<string, string>, string] => [
      bridge({ name }),
      `invalid bridge name ${JSON.stringify(name)}`,
    ]),
    [bridge({ enable_icc: 'maybe' }), 'failed to parse com.docker.network.bridge.enable_icc value: maybe'],
    [bridge({ gateway_mode_ipv4: 'open' }), '(unknown gateway mode open)'],
    [bridge({ gateway_mode_ipv6: 'isolated' }), "gateway mode 'isolated' can only be used for an internal"],
    [bridge({ trusted_host_interfaces: 'eth0:eth+' }), '("eth+" is not a link name that firewall rules can'],
    [bridge({ trusted_host_interfaces: 'a b' }), '("a b" is not a link name'],
    [{ 'com.docker.network.host_ipv4': 'fd00::1' }, '(not an IPv4 address)'],
    [{ 'com.docker.network.host_ipv6': '10.0.0.1' }, '(not an IPv6 address)'],
    [{ 'com.docker.network.host_ipv6': 'host' }, '(nil ip)'],
  ])('are refused before there is a network: %j', (options, why) => {
    const here = world();
    expect(() => here.network('net', { options })).toThrow(why);
    expect(here.model.networkByName('net')).toBeUndefined();
  });
});
