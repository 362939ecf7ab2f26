import { expect, it } from 'vitest';
import { replicas, start } from '../../test/swarm/cluster.ts';
import { service } from '../../test/swarm/fixture.ts';
import { changeOf, keyOf, putOf } from './formats.ts';
import { pack, unpack } from './packing.ts';
import { newSecret, sealBy } from './sealing.ts';

const seal = sealBy(newSecret());

function sample() {
  const { cluster } = start(1);
  cluster.network('back');
  const Env = ['DATABASE_URL=postgres://db.example.com/app', 'LOG_LEVEL=info', 'REGION=eu-central-1'];
  const task = { ContainerSpec: { Image: 'app', Env }, Networks: [{ Target: 'back' }] };
  const { id } = cluster.create(service('web', { ...replicas(1), task }));
  cluster.settle();
  const [found] = cluster.tasks(id);
  if (!found) throw new Error('no task');
  return found;
}

it('a record comes back as it was stored, also one that was stored plain', () => {
  const put = sample();
  const stored = putOf(seal, { table: 'tasks', put });
  const back = { table: 'tasks', put: { ...put, version: 7 } };
  expect(changeOf(seal, { ...stored, revision: 7 })).toEqual(back);
  const key = keyOf('tasks', put.id);
  const plain = { key, value: seal.close(key, JSON.stringify(put)), revision: 7 };
  expect(changeOf(seal, plain)).toEqual(back);
});

it('a task takes less than half of its text, and what secrets hold is not compressed', () => {
  const text = JSON.stringify(sample());
  expect(pack('tasks', text).length).toBeLessThan(text.length / 2);
  for (const table of ['keys', 'secrets', 'configs', 'cluster'] as const)
    expect(pack(table, text)).toBe(text);
  const odd = JSON.stringify({ name: 'äöü €', nothing: '' });
  expect(unpack(Buffer.from(pack('services', odd)))).toBe(odd);
});
