import { expect, it } from 'vitest';
import { replicas, start } from '../../test/swarm/cluster.ts';
import { service } from '../../test/swarm/fixture.ts';
import { SwarmMemory } from '../swarm/memory.ts';
import type { SwarmChange, SwarmTask } from '../swarm/records.ts';
import { sharing } from './sharing.ts';

it('equal parts of tasks are one object, and records say the same', () => {
  const { cluster } = start(2);
  const web = cluster.create(service('web', { ...replicas(3), task: { ContainerSpec: { Image: 'a' } } }));
  cluster.settle();
  const [first, ...others] = cluster.tasks(web.id);
  if (!first) throw new Error('no task');
  const other: SwarmTask = { ...first, id: 'x', spec: { ContainerSpec: { Image: 'b' } } };
  const read: readonly SwarmChange[] = [first, ...others, other].map((put) => ({
    ...{ table: 'tasks', put: JSON.parse(JSON.stringify(put)) },
  }));
  const of = (changes: readonly SwarmChange[]): readonly SwarmTask[] =>
    changes.flatMap((change) => (change.table === 'tasks' && 'put' in change ? [change.put] : []));
  const alone = of(sharing(read, new SwarmMemory()));
  expect(alone).toEqual(of(read));
  expect(new Set(alone.map(({ spec }) => spec)).size).toBe(2);
  expect(new Set(alone.map(({ service: one }) => one)).size).toBe(1);
  const within = of(sharing(read, cluster.view));
  expect(within[0]?.spec).toBe(cluster.service(web.id).spec.TaskTemplate);
  expect(within.at(-1)?.spec).toEqual(other.spec);
});
