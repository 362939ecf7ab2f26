import { describe, expect, it } from 'vitest';
import { readFirewallOptions } from './network-options.ts';

const bridge = (options: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(options).map(([key, value]) => [`com.docker.network.bridge.${key}`, value]),
  );

describe('readFirewallOptions', () => {
  it('has the defaults of Docker', () => {
    expect(readFirewallOptions({}, false)).toEqual({
      icc: true,
      masquerade: true,
      mode: { 4: 'nat', 6: 'nat' },
      source: { 4: '', 6: '' },
      trusted: [],
    });
  });

  it('reads what is asked', () => {
    const options = {
      ...bridge({
        enable_icc: 'false',
        enable_ip_masquerade: '0',
        gateway_mode_ipv4: 'nat-unprotected',
        gateway_mode_ipv6: 'routed',
        trusted_host_interfaces: 'vpn0:eth1',
      }),
      'com.docker.network.host_ipv4': '192.0.2.1',
      'com.docker.network.host_ipv6': '2001:db8::1',
    };
    expect(readFirewallOptions(options, false)).toEqual({
      icc: false,
      masquerade: false,
      mode: { 4: 'nat-unprotected', 6: 'routed' },
      source: { 4: '192.0.2.1', 6: '2001:db8::1' },
      trusted: ['vpn0', 'eth1'],
    });
  });

  it.each([
    [bridge({ enable_icc: 'maybe' }), '"maybe" is not a boolean'],
    [bridge({ gateway_mode_ipv4: 'open' }), 'unknown gateway mode open'],
    [bridge({ gateway_mode_ipv4: 'isolated' }), 'can only be used for an internal network'],
    [bridge({ trusted_host_interfaces: 'eth+' }), '"eth+" is not an interface name'],
    [{ 'com.docker.network.host_ipv4': 'fd00::1' }, '"fd00::1" is not an IPv4 address'],
  ])('refuses %j', (options, message) => {
    expect(() => readFirewallOptions(options, false)).toThrow(message);
  });
});
