/** `SEAWAY_SWARM_STEPS=10000` runs the long form, too: 25 nodes with 8,500 tasks, and 1,000 services. */
import { expect, it } from 'vitest';
import { Cluster, replicas } from '../../test/swarm/cluster.ts';
import { service } from '../../test/swarm/fixture.ts';
import { Simulation } from '../../test/swarm/simulation.ts';

const steps = Number(process.env.SEAWAY_SWARM_STEPS ?? 0);
const long = { nodes: 25, networks: 20, services: 200, replicas: 42 };
const short = { nodes: 8, networks: 6, services: 20, replicas: 6 };

function run(
  seed: number,
  { size, count }: { readonly size: typeof short; readonly count: number },
): Simulation {
  const simulation = new Simulation(seed, size);
  const sets = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    simulation.step();
    if (i % 10 === 0) expect(simulation.faults(), `step ${i} of seed ${seed}`).toEqual([]);
    if (i % (count / 10) === 0) expect(simulation.untold(sets), `step ${i} of seed ${seed}`).toEqual([]);
  }
  simulation.rest();
  expect(simulation.leftovers(), `at rest, seed ${seed}`).toEqual([]);
  return simulation;
}

it.each([1, 2, 3])('a swarm in which everything happens comes to rest as it is asked, seed %i', (seed) => {
  run(seed, { size: short, count: 300 });
});

it.skipIf(steps === 0)('and so does a large one', { timeout: 3_600_000 }, () => {
  const begin = performance.now();
  const simulation = run(9, { size: long, count: steps });
  const times = simulation.times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  console.log(
    `${steps} steps, ${Array.from(simulation.view.all('tasks')).length} tasks at the end, ${((performance.now() - begin) / 1e3).toFixed(0)} s; a decision takes ${at(0.5)} ms (median), ${at(0.99)} ms (99 %), ${at(0.9999)} ms at most; ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`,
  );
});

it('a task that ends among many costs a short decision', { timeout: 120_000 }, () => {
  const [nodes, services] = steps === 0 ? [5, 60] : [25, 1_000];
  const cluster = new Cluster();
  for (let i = 0; i < nodes; i++) cluster.node(`node${i}`);
  for (let i = 0; i < services; i++) cluster.create(service(`service${i}`, replicas(9)));
  cluster.settle();
  const tasks = [...cluster.view.all('tasks')];
  expect(tasks.length).toBe(9 * services);
  const [one] = tasks;
  if (!one) throw new Error('no task');
  cluster.say(one, 'failed');
  const walked = countWalks(cluster);
  const begin = performance.now();
  const { changes } = cluster.orchestrator.decide({ ...cluster.context(), acknowledged: () => 0 });
  const took = performance.now() - begin;
  expect([changes.length, walked()]).toEqual([2, 0]);
  if (steps > 0) console.log(`${tasks.length} tasks: a decision after one ended takes ${took.toFixed(2)} ms`);
});

/** How often all tasks or all services were asked for. */
function countWalks({ view }: Cluster): () => number {
  let count = 0;
  const all = view.all.bind(view);
  view.all = (table) => {
    if (table === 'tasks' || table === 'services') count++;
    return all(table);
  };
  return () => count;
}
