import { expect, it } from 'vitest';
import { memorySwarm } from '../../../test/api/memory-swarm.ts';
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
