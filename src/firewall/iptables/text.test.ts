import { describe, expect, it } from 'vitest';
import type { Match, Verdict } from '../rules.ts';
import { iptablesText } from './text.ts';

const text = (match: Match, verdict: Verdict = { act: 'accept' }, family: 4 | 6 = 4): string =>
  iptablesText({ match, verdict, why: '' }, family);

describe('iptablesText', () => {
  it.each<[Match, string]>([
    [{}, '-j ACCEPT'],
    [
      {
        from: { not: '10.0.0.0/8' },
        to: '10.0.0.1/32',
        in: { not: 'br0' },
        out: 'br0',
        protocol: 'udp',
        sport: 53,
      },
      '! -s 10.0.0.0/8 -d 10.0.0.1/32 ! -i br0 -o br0 -p udp -m udp --sport 53 -j ACCEPT',
    ],
    [
      { out: 'br0', state: ['related', 'established'] },
      '-o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ],
    [{ state: { not: ['dnat'] } }, '-m conntrack ! --ctstate DNAT -j ACCEPT'],
    [{ toHost: true }, '-m addrtype --dst-type LOCAL -j ACCEPT'],
    [{ mark: { value: 16 } }, '-m mark --mark 0x10 -j ACCEPT'],
    [{ mark: { value: 1, mask: 255 } }, '-m mark --mark 0x1/0xff -j ACCEPT'],
    [{ protocol: 'tcp', opening: true }, '-p tcp -m tcp --tcp-flags SYN,RST SYN -j ACCEPT'],
    [{ protocol: 'icmp' }, '-p icmp -j ACCEPT'],
  ])('prints %j as iptables-save does', (match, expected) => {
    expect(text(match)).toBe(expected);
  });

  it('prints the targets', () => {
    expect(text({}, { act: 'dnat', address: '10.0.0.2', port: 80 })).toBe(
      '-j DNAT --to-destination 10.0.0.2:80',
    );
    expect(text({}, { act: 'dnat', address: 'fd00::2', port: 80 })).toBe(
      '-j DNAT --to-destination [fd00::2]:80',
    );
    expect(text({}, { act: 'snat', address: '192.0.2.1' })).toBe('-j SNAT --to-source 192.0.2.1');
    expect(text({ protocol: 'icmp' }, { act: 'drop' }, 6)).toBe('-p ipv6-icmp -j DROP');
  });

  it.each(['br+', '-j', 'a b', 'a\nb', '', 'sixteen-letters0', '!br'])('refuses the link name %j', (name) => {
    expect(() => text({ in: name })).toThrow('a bug in seaway');
  });

  it('refuses what is no block of addresses', () => {
    for (const cidr of ['10.0.0.1', '10.0.0.0/8 -j ACCEPT', ''])
      expect(() => text({ from: cidr })).toThrow('a bug');
  });
});
