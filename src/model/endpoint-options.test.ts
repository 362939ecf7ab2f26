import { describe, expect, it } from 'vitest';
import { parseEndpointOptions } from './endpoint-options.ts';

const parse = (name: string, value: string) =>
  parseEndpointOptions({ driverOpts: { [`com.docker.network.endpoint.${name}`]: value } });

describe('options of an endpoint', () => {
  it('name its interface', () => {
    expect(parse('ifname', 'wan0').ifname).toBe('wan0');
    expect([parse('ifname', '').ifname, parse('other', 'x').ifname]).toEqual(['', '']);
    expect(() => parse('ifname', 'lo')).toThrow('invalid interface name "lo"');
    for (const bad of ['a b', 'x'.repeat(16)])
      expect(() => parse('ifname', bad)).toThrow('invalid interface name');
  });

  it('set sysctls of that interface only', () => {
    expect(parse('other', 'x').sysctls).toEqual([]);
    expect(
      parse('sysctls', ' net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.neigh.ifname.gc_stale_time=5=6')
        .sysctls,
    ).toEqual([
      { tree: 'ipv4/conf', name: 'log_martians', value: '1' },
      { tree: 'ipv6/neigh', name: 'gc_stale_time', value: '5=6' },
    ]);
    const unknown = 'unrecognised sysctl setting "net.ipv4.ip_forward=1"';
    expect(() => parse('sysctls', 'net.ipv4.ip_forward=1')).toThrow(unknown);
    expect(() => parse('sysctls', 'net.ipv4.conf.all.IFNAME.x=1')).toThrow('unrecognised sysctl setting');
  });
});
