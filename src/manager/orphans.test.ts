import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Swarm } from '../../test/swarm/fixture.ts';
import { createLogger } from '../observe/logger.ts';
import type { SwarmNode, SwarmTransition } from '../swarm/records.ts';
import { Orphans } from './orphans.ts';
import type { Sessions } from './sessions.ts';
import type { ManagerStore } from './store.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A manager that is gone, a node that had its session there, and one that leads. */
function gone() {
  const swarm = new Swarm();
  const [manager, worker, leader] = ['gone', 'worker', 'leader'].map((name) => swarm.node(name));
  if (!manager || !worker || !leader) throw new Error('no nodes');
  const session = (managerId: string) => ({ session: { managerId, id: 's' } });
  const standing = { address: '', reachability: 'unreachable', leader: false } as const;
  const nodes: readonly SwarmNode[] = [
    { ...manager, manager: standing, ...session(manager.id) },
    { ...worker, ...session(manager.id) },
    { ...leader, manager: { ...standing, reachability: 'reachable' }, ...session(leader.id) },
  ];
  for (const put of nodes) swarm.put({ table: 'nodes', put });
  const store = {
    view: swarm.view,
    transact: async <R>(transition: SwarmTransition<R>) => swarm.commit(transition),
  } as unknown as ManagerStore;
  const sessions = { period: 5_000, has: (id: string) => id === leader.id } as unknown as Sessions;
  const about = { store, sessions, managerId: leader.id, logger: createLogger('fatal'), now: () => 0 };
  const orphans = new Orphans(about);
  const after = async (seconds: number) => {
    vi.advanceTimersByTime(seconds * 1_000);
    await orphans.look();
    return nodes.map(({ id }) => swarm.view.get('nodes', id)?.status.state);
  };
  return after;
}

it('the node of a manager that is gone is down soon, those that had their sessions there have time', async () => {
  const after = gone();
  expect(await after(0)).toEqual(['ready', 'ready', 'ready']);
  expect(await after(9)).toEqual(['ready', 'ready', 'ready']);
  expect(await after(1)).toEqual(['down', 'ready', 'ready']);
  expect(await after(19)).toEqual(['down', 'ready', 'ready']);
  expect(await after(1)).toEqual(['down', 'down', 'ready']);
});
