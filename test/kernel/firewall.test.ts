/** The firewall on a real kernel: scripts converge, users’ rules stay. */
import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../src/firewall/input.ts';
import { scenarios } from '../golden/firewall/scenarios.ts';
import { input, port } from './firewall-input.ts';
import { type Bed, clear, converge, iptables, restore, save, type Variant, works } from './firewall-rig.ts';
import { openRig } from './rig.ts';

describe.each<Variant>(['nft', 'legacy'])('with iptables-%s', (variant) => {
  const bed: Bed = { rig: openRig(), variant, owned: [] };
  const there = works(bed);

  test.skipIf(!there).for([4, 6] as const)('every scenario converges for IPv%d, and back', (family) => {
    for (const scenario of scenarios) converge(bed, scenario.input, family);
    for (const scenario of scenarios.toReversed()) converge(bed, scenario.input, family);
    clear(bed, family);
    const left = save(bed, family);
    expect(left).not.toMatch(/DOCKER|SEAWAY|^-A/m);
  });

  test.skipIf(!there)('rules of others stay, in their order, and lost jumps come back first', () => {
    iptables(bed, 4, '-A', 'FORWARD', '-s', '192.0.2.1', '-j', 'DROP');
    iptables(bed, 4, '-t', 'nat', '-A', 'POSTROUTING', '-s', '192.0.2.1', '-j', 'ACCEPT');
    iptables(bed, 4, '-N', 'THEIRS');
    converge(bed, input({ ports: [port()] }));
    iptables(bed, 4, '-A', 'DOCKER-USER', '-s', '192.0.2.3', '-j', 'DROP');
    iptables(bed, 4, '-I', 'FORWARD', '-j', 'THEIRS');
    iptables(bed, 4, '-t', 'nat', '-I', 'POSTROUTING', '-s', '192.0.2.2', '-j', 'ACCEPT');
    iptables(bed, 4, '-t', 'nat', '-F', 'DOCKER');
    iptables(bed, 4, '-D', 'FORWARD', '-j', 'DOCKER-FORWARD');
    converge(bed, input({ ports: [port({ hostPort: 8081 })] }));
    expect(iptables(bed, 4, '-S', 'FORWARD').trim().split('\n').slice(1)).toEqual([
      '-A FORWARD -j DOCKER-USER',
      '-A FORWARD -j DOCKER-FORWARD',
      '-A FORWARD -j THEIRS',
      '-A FORWARD -s 192.0.2.1/32 -j DROP',
    ]);
    expect(iptables(bed, 4, '-t', 'nat', '-S', 'DOCKER')).toContain('--dport 8081 -j DNAT');
    clear(bed);
    expect(save(bed, 4)).toContain('-A DOCKER-USER -s 192.0.2.3/32 -j DROP');
    expect(iptables(bed, 4, '-t', 'nat', '-S', 'POSTROUTING').trim().split('\n').slice(1)).toEqual([
      '-A POSTROUTING -s 192.0.2.2/32 -j ACCEPT',
      '-A POSTROUTING -s 192.0.2.1/32 -j ACCEPT',
    ]);
    iptables(bed, 4, '-F');
    iptables(bed, 4, '-t', 'nat', '-F');
  });

  test.skipIf(!there)('a policy of DROP is set where it is ours to set, and only there', () => {
    converge(bed, input({ settings: { ...defaultSettings, dropForwarded: [4] } }));
    expect(save(bed, 4)).toContain(':FORWARD DROP');
    converge(bed, input());
    expect(save(bed, 4)).toContain(':FORWARD DROP');
    clear(bed);
    iptables(bed, 4, '-P', 'FORWARD', 'ACCEPT');
  });

  test.skipIf(!there)('2,000 ports converge, and one more is one rule more', () => {
    const ports = Array.from({ length: 2_000 }, (_, i) =>
      port({ hostPort: 20_000 + i, address: `172.17.${1 + (i >> 7)}.${1 + (i & 127)}` }),
    );
    converge(bed, input({ ports }));
    const script = converge(bed, input({ ports: ports.filter((_, i) => i !== 1_000) }));
    expect(script.match(/^-/gm)).toHaveLength(4);
    expect(converge(bed, input({ ports })).match(/^-/gm)).toHaveLength(4);
    clear(bed);
  });

  test.skipIf(!there)('a script that cannot be is refused as a whole', () => {
    expect(() => restore(bed, 4, '*filter\n:NEW - [0:0]\n-A NOWHERE -j ACCEPT\nCOMMIT\n')).toThrow();
    expect(save(bed, 4)).not.toContain('NEW');
  });
});
