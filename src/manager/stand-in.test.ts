import { expect, it } from 'vitest';
import { Swarm } from '../../test/swarm/fixture.ts';
import { StandIn } from './stand-in.ts';

/** Three managers, of which one leads and can be silent. */
function managers() {
  const swarm = new Swarm();
  const ids = ['one', 'two', 'three'].map((name) => {
    const node = swarm.node(name);
    const manager = { address: '', reachability: 'reachable', leader: false } as const;
    swarm.put({ table: 'nodes', put: { ...node, manager } });
    return node.id;
  });
  const [first = '', second = ''] = ids.toSorted();
  const gone = ids.find((id) => id !== first && id !== second) ?? '';
  const state = { leader: gone, isTelling: true };
  const of = (managerId: string) =>
    new StandIn({
      ...{
        managerId,
        store: {
          view: swarm.view,
          get leader() {
            return state.leader;
          },
        },
      },
      leader: {
        get isLeading() {
          return state.leader === managerId;
        },
      },
      acknowledging: {
        get isTelling() {
          return state.isTelling;
        },
      },
    });
  return { state, gone, first, one: of(first), two: of(second), back: of(gone) };
}

it('one of the others leads in place of an engine that has ended', () => {
  const { state, first, one, two } = managers();
  for (let i = 0; i < 10; i++) expect([one.isNeeded(), two.isNeeded()]).toEqual([false, false]);
  state.isTelling = false;
  const looks = Array.from({ length: 4 }, () => [one.isNeeded(), two.isNeeded()]);
  expect(looks).toEqual([
    [false, false],
    [false, false],
    [false, false],
    [true, false],
  ]);
  state.leader = first;
  expect(one.isNeeded()).toBe(true);
  state.isTelling = true;
  expect(two.isNeeded()).toBe(false);
});

it('it leads no more once that one is back', () => {
  const { state, gone, first, one, back } = managers();
  state.leader = first;
  expect(one.isNeeded()).toBe(true);
  // its member of etcd leads, so it takes the lead without being asked here
  state.leader = gone;
  expect(one.isNeeded()).toBe(false);
  expect(back.isNeeded()).toBe(true);
});

it('a connection that is lost for a moment changes nothing', () => {
  const { state, one } = managers();
  for (const isTelling of [false, false, true, false, false, false]) {
    state.isTelling = isTelling;
    expect(one.isNeeded()).toBe(false);
  }
});
