import { expect, it } from 'vitest';
import { memorySwarm } from '../../../test/api/memory-swarm.ts';
import { Swarm as Records } from '../../../test/swarm/fixture.ts';
import { membershipVerbs } from './membership-verbs.ts';
import { Swarm } from './swarm.ts';

it('a node that is in no swarm refuses what managers do', async () => {
  const swarm = new Swarm();
  const verbs = memorySwarm({ calls: [] });
  const outside =
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
  expect(verbs.standing()).toMatchObject({ state: 'inactive', isManager: false, managers: [] });
  expect(verbs.counts()).toBeUndefined();
  expect(swarm.link).toBeUndefined();
  expect(() => verbs.inspect()).toThrow(outside);
  expect(() => verbs.services.list()).toThrow(outside);
  await expect(verbs.secrets.remove('x')).rejects.toThrow(outside);
  await expect(verbs.leave({ force: false })).rejects.toThrow('This node is not part of a swarm');
});

it('a manager that is not ready yet says so, and a worker that it is one', async () => {
  const standing = {
    ...{ state: 'pending' as const, nodeId: 'n', address: '', isManager: false, error: '' },
    ...{ managers: [], warnings: [] },
  };
  const member = { standing: () => standing, link: undefined, store: undefined, close: async () => {} };
  for (const [role, said] of [
    ['manager', 'Manager is being prepared or has trouble connecting to the cluster'],
    ['worker', "Worker nodes can't be used to view or modify cluster state"],
  ] as const) {
    const swarm = new Swarm();
    await swarm.enter({ ...member, role });
    expect(() => swarm.store()).toThrow(said);
  }
});

it('a manager leaves without force in no state, and says what is lost', async () => {
  const standing = (state: 'active' | 'pending' | 'locked' | 'error', isManager = false) => ({
    ...{ state, nodeId: 'n', address: '', isManager, error: '' },
    ...{ managers: [], warnings: [] },
  });
  const [locked, consensus] = ['Swarm is encrypted and locked.', 'may lose the consensus of your cluster.'];
  for (const [state, role, said] of [
    ['locked', 'manager', locked],
    ['pending', 'manager', consensus],
    ['error', 'manager', consensus],
  ] as const) {
    const swarm = new Swarm();
    const member = {
      standing: () => standing(state),
      link: undefined,
      store: undefined,
      close: async () => {},
    };
    await swarm.enter({ ...member, role });
    const verbs = membershipVerbs({ swarm } as never);
    await expect(verbs.leave({ force: false })).rejects.toThrow(said);
  }
});

it.each([
  [1, 0, 'Removing the last manager erases all current state of the swarm.'],
  [2, 0, 'leaves 1 managers out of 2. Without a Raft quorum'],
  [3, 0, 'participating as a manager. The only way to restore'],
  [2, 1, 'leaves 1 managers out of 3. Without a Raft quorum'],
])('with %i managers that are reached and %i that are not', async (reachable, unreachable, said) => {
  const records = new Records();
  for (let at = 0; at < reachable + unreachable; at++) {
    const node = records.node(`node${at}`);
    const reachability = at < reachable ? ('reachable' as const) : ('unreachable' as const);
    const manager = { address: `192.0.2.${at}:2377`, reachability, leader: at === 0 };
    records.put({ table: 'nodes', put: { ...node, manager } });
  }
  const swarm = new Swarm();
  const standing = { state: 'active', nodeId: 'n', address: '', isManager: true, error: '' } as const;
  const store = { view: records.view } as never;
  const shared = { standing: () => ({ ...standing, managers: [], warnings: [] }), link: undefined };
  await swarm.enter({ ...shared, store, role: 'manager', close: async () => {} });
  const verbs = membershipVerbs({ swarm } as never);
  await expect(verbs.leave({ force: false })).rejects.toThrow(said);
});

it('what is not locked is not unlocked, and a worker is told that it manages nothing', async () => {
  const swarm = new Swarm();
  const standing = { state: 'active', nodeId: 'n', address: '', isManager: false, error: '' } as const;
  const shared = { standing: () => ({ ...standing, managers: [], warnings: [] }), link: undefined };
  await swarm.enter({ ...shared, store: undefined, role: 'worker', close: async () => {} });
  const verbs = membershipVerbs({ swarm } as never);
  await expect(verbs.unlock('x')).rejects.toThrow("Worker nodes can't be used");
});
