import { expect, it } from 'vitest';
import { observedLink } from '../../test/objects/fixture.ts';
import { kindOf } from './kinds.ts';
import { networkNamespace, parseNamespace } from './namespace-ref.ts';
import type { LinkObject } from './object.ts';
import { networkOwner } from './owner.ts';
import { printPlan } from './print.ts';

const common = { kind: 'link', ns: 'host', name: 'l0', owner: networkOwner('ab'), mtu: 1500 } as const;
const vxlan: LinkObject = { ...common, type: 'vxlan', vni: 7, port: 4789, local: '192.0.2.1', master: '' };

type Fixed = Readonly<Record<string, string | number>>;

it.each<[LinkObject, Fixed, readonly string[]]>([
  [vxlan, { vni: 7, port: 4789, local: '192.0.2.1', proxy: 'off' }, []],
  [vxlan, { vni: 8, port: 4789, local: '192.0.2.1', proxy: 'off' }, ['vni']],
  [vxlan, { vni: 7, port: 4790, local: '192.0.2.2', proxy: 'on' }, ['port', 'local', 'proxy']],
  [{ ...vxlan, local: '' }, { vni: 7, port: 4789, local: '192.0.2.2', proxy: 'off' }, []],
  [{ ...vxlan, proxy: true }, { vni: 7, port: 4789, local: '192.0.2.1', proxy: 'off' }, ['proxy']],
  [{ ...common, type: 'vlan', parent: 'up0', vlan: 5 }, { vlan: 5 }, []],
  [{ ...common, type: 'vlan', parent: 'up0', vlan: 5 }, { vlan: 6 }, ['vlan']],
  [{ ...common, type: 'macvlan', parent: 'up0', mode: 'vepa' }, { mode: 'bridge' }, ['mode']],
  [{ ...common, type: 'ipvlan', parent: 'up0', mode: 'l2', flag: 'bridge' }, { mode: 'l3' }, []],
])('what is decided when a link is made makes it be made again: %j, found %j', (link, fixed, expected) => {
  const seen = observedLink('l0', { type: link.type, parent: 'parent' in link ? link.parent : '', fixed });
  const differences = kindOf('link').differences(link, seen);
  expect(differences.map(({ field }) => field)).toEqual(expected);
  expect(differences.filter(({ inPlace }) => inPlace)).toEqual([]);
});

it('a namespace is the host’s, a sandbox’s, or a network’s own', () => {
  const network = networkNamespace('ab12');
  expect([parseNamespace('host'), parseNamespace('cd34'), parseNamespace(network)]).toEqual([
    { of: 'host' },
    { of: 'sandbox', id: 'cd34' },
    { of: 'network', id: 'ab12' },
  ]);
  const plan = printPlan([
    { ...vxlan, ns: network },
    { kind: 'namespace', ns: network },
  ]);
  expect(plan.split('\n').slice(0, 3)).toEqual(['# network ab12', 'network namespace', 'l0: <UP> mtu 1500']);
});
