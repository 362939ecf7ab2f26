import { expect, it } from 'vitest';
import { knownAddresses, type Node } from './node.ts';

const node = (more: Partial<Node>): Node => ({
  ...{ id: 'n', name: 'n', advertise: '', instance: '', mtu: 1500 },
  ...more,
});

it.each<[Partial<Node>, readonly string[], readonly string[]]>([
  [{ advertise: '192.0.2.2', data4: '192.0.2.12' }, ['192.0.2.12', '192.0.2.2'], []],
  [{ advertise: '192.0.2.2:2377', data4: '192.0.2.2' }, ['192.0.2.2'], []],
  [{ advertise: '[2001:db8::2]:2377', data4: '192.0.2.2' }, ['192.0.2.2'], ['2001:db8::2']],
  [{ advertise: '2001:db8::2', data6: '2001:db8::3' }, [], ['2001:db8::3', '2001:db8::2']],
])('the addresses by which %j is known', (more, four, six) => {
  expect(knownAddresses(node(more), 4)).toEqual(four);
  expect(knownAddresses(node(more), 6)).toEqual(six);
});
