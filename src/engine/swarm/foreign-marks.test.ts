import { expect, it } from 'vitest';
import { inIptables, inNftables, warningsOf } from './foreign-marks.ts';

it('rules of iptables that write the bits of the mesh are found', () => {
  const whole = '-A PREROUTING -i eth1 -j MARK --set-xmark 0x1/0xffffffff';
  const calico = '-A cali-PREROUTING -j MARK --set-xmark 0x0/0xf00000';
  const flow = '-A OUTPUT -j CONNMARK --set-xmark 0x80000000/0x80000000';
  const apart = '-A PREROUTING -j MARK --set-xmark 0x40000/0xf0000';
  const others = ['*mangle', '-A PREROUTING -m mark --mark 0x100000 -j ACCEPT', 'COMMIT'];
  expect(inIptables([whole, calico, flow, apart, ...others].join('\n'))).toEqual([whole, calico, flow]);
});

const ruleset = `table ip mangle {
	chain PREROUTING {
		meta mark set 0x00000001
	}
}
table inet vpn {
	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		iifname "wg0" meta mark set 0x00000001
		meta mark set meta mark & 0xfffffff0 | 0x00000004
		ct mark set ct mark & 0x00ffffff | 0x01000000
		meta mark set ct mark
		meta mark set meta mark | 0x00004000
		meta mark set meta mark | 0x80000000
		meta mark set meta mark ^ 0x00100000
		meta mark 0x00100000 accept
	}
}
table inet seaway-mesh {
	chain prerouting {
		meta mark set meta mark & 0x000fffff | 0x00100000
	}
}`;

it('rules of nftables are found with their table, but those of iptables and of the mesh', () => {
  expect(inNftables(ruleset)).toEqual([
    'iifname "wg0" meta mark set 0x00000001 (table inet vpn)',
    'ct mark set ct mark & 0x00ffffff | 0x01000000 (table inet vpn)',
    'meta mark set meta mark | 0x80000000 (table inet vpn)',
    'meta mark set meta mark ^ 0x00100000 (table inet vpn)',
  ]);
});

it('names some of the rules, and says how many more there are', () => {
  expect(warningsOf(['a', 'b']).map((text) => text.slice(-3))).toEqual([': a', ': b']);
  const many = warningsOf(Array.from({ length: 300 }, (_, index) => `rule ${index}`));
  expect([many.length, many.at(-1)]).toEqual([
    9,
    'WARNING: 292 more rules of other programs write bits of marks that the routing mesh has (0xfff00000)',
  ]);
});
