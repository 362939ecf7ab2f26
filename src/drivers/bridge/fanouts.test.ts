import { describe, expect, it } from 'vitest';
import { network } from '../../../test/golden/plans/world.ts';
import { isMarked } from '../../objects/owner.ts';
import { driverTable } from '../table.ts';
import { chooseFanout, ownPorts, perFanout } from './fanouts.ts';

const web = network('web');

describe('fanouts of a bridge', () => {
  it('are refused by name when there are as many as a bridge can have', () => {
    const loads = new Map([['', ownPorts]]);
    for (;;) {
      let name: string | undefined;
      try {
        name = chooseFanout(web, loads);
      } catch (error) {
        expect(String(error)).toContain('network web has 21000 endpoints, the most it can have');
        break;
      }
      if (name === undefined) throw new Error('the bridge is full');
      loads.set(name, perFanout);
    }
    expect(loads.size).toBe(21);
    expect(new Set([...loads.keys()].map((name) => name.slice(0, 14))).size).toBe(2);
  });

  it('can be told by name and MAC address even before they have an alias', () => {
    for (const number of ['1', 'a', 'k']) {
      const fanout = `bx-${web.id.slice(0, 11)}${number}`;
      const facts = { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true };
      const [, pair] = driverTable()
        .find('bridge')
        .planNetwork(web, facts, { fanouts: [fanout] });
      if (pair?.kind !== 'link' || pair.type !== 'veth' || !pair.mac) throw new Error('no pair');
      expect(isMarked({ name: pair.name, mac: pair.mac })).toBe(true);
      expect(isMarked(pair.peer)).toBe(true);
      expect(isMarked({ name: `${pair.name.slice(0, -1)}9`, mac: pair.mac })).toBe(false);
    }
  });
});
