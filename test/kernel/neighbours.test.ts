import { expect, test } from 'vitest';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const { route } = rig.kernel().host;

test.for([
  ['198.51.100.50', '02:42:ac:11:00:50'],
  ['2001:db8:51::50', '02:42:ac:11:00:51'],
] as const)('a neighbour %s is permanent, replaced and removed', ([address, mac]) => {
  const link = route.findLink(uplink.name)?.index ?? 0;
  route.replaceNeighbour({ link, address, mac: '02:00:00:00:00:01' });
  route.replaceNeighbour({ link, address, mac });
  const shown = rig.ip('host', 'neigh', 'show', address);
  expect(shown).toEqual([expect.objectContaining({ dst: address, lladdr: mac, state: ['PERMANENT'] })]);
  expect(route.listNeighbours(link)).toContainEqual({ link, address, mac });
  expect(route.listNeighbours(1)).toEqual([]);
  route.removeNeighbour({ link, address, mac });
  route.removeNeighbour({ link, address, mac });
  expect(route.listNeighbours()).toEqual([]);
});

test('what ARP learnt is not listed', () => {
  rig.run('host', 'bash', '-c', `echo hello >/dev/udp/${uplink.outside}/9`);
  expect(rig.ip('host', 'neigh', 'show', uplink.outside)).toHaveLength(1);
  expect(route.listNeighbours()).toEqual([]);
});
