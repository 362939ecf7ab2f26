import { expect, test } from 'vitest';
import { network } from '../../../../test/golden/plans/world.ts';
import type { EngineEvent } from '../../../observe/events.ts';
import { GivenNetworks } from './given-networks.ts';

test('networks that come to a node and leave it are told once, and what was there before is not', () => {
  const said: string[] = [];
  const events = {
    emit: ({ action, attributes }: Omit<EngineEvent, 'time'>) =>
      void said.push(`${action} ${attributes.name}`),
  };
  const [one, two, three] = ['one', 'two', 'three'].map((name) => network(name, { scope: 'swarm' }));
  if (!(one && two && three)) throw new Error('no networks');
  const given = new GivenNetworks({ events: events as never }, [one]);
  given.are([one, two]);
  given.are([two, three]);
  given.are([]);
  expect(said).toEqual(['create two', 'destroy one', 'create three', 'destroy two', 'destroy three']);
});
