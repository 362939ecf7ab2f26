import { expect, test } from 'vitest';
import { Swarm, service } from '../../../test/swarm/fixture.ts';
import type { SwarmChange } from '../../swarm/records.ts';
import { createService } from '../../swarm/services.ts';
import { eventsOf } from './events.ts';

/** Events of what is done to the records. */
function told(act: (records: Swarm) => void, records = new Swarm()) {
  const events: ReturnType<typeof eventsOf>[number][] = [];
  records.listeners.push((changes, before) => events.push(...eventsOf(changes, before)));
  act(records);
  return events;
}

test('what comes and goes is told by its name', () => {
  const events = told((records) => {
    const { id } = records.commit(createService(service('web'), records.context()));
    records.put({ table: 'services', remove: id });
    records.node('node9');
  });
  expect(events).toMatchObject([
    { type: 'service', action: 'create', scope: 'swarm', attributes: { name: 'web' } },
    { type: 'service', action: 'remove', attributes: { name: 'web' } },
    { type: 'node', action: 'create', attributes: { name: 'node9' } },
  ]);
});

test('an update has what was and what is', () => {
  const records = new Swarm();
  const made = records.commit(createService(service('web'), records.context()));
  const now = { ...made, spec: { ...made.spec, Mode: { Replicated: { Replicas: 3 } } } };
  const updating = { state: 'updating', startedAt: '', message: '' } as const;
  const put = (record: typeof made): SwarmChange => ({ table: 'services', put: record });
  const events = told((all) => {
    all.put(put(now));
    all.put(put({ ...now, updateStatus: updating }));
    all.put(put({ ...now, updateStatus: { ...updating, state: 'completed' } }));
  }, records);
  expect(events.map(({ attributes }) => attributes)).toEqual([
    { name: 'web', 'replicas.old': '2', 'replicas.new': '3' },
    { name: 'web', 'updatestate.new': 'updating' },
    { name: 'web', 'updatestate.old': 'updating', 'updatestate.new': 'completed' },
  ]);
});

test('of a node its availability, role and state, and nothing of its session', () => {
  const records = new Swarm();
  const node = records.node('node1');
  const events = told((all) => {
    all.put({ table: 'nodes', put: { ...node, session: { managerId: 'm', id: 's' } } });
    all.put({ table: 'nodes', put: { ...node, spec: { ...node.spec, Availability: 'drain' } } });
  }, records);
  expect(events).toMatchObject([
    {
      action: 'update',
      attributes: { name: 'node1', 'availability.old': 'active', 'availability.new': 'drain' },
    },
  ]);
});

test('how a node manages is told where it managed before', () => {
  const records = new Swarm();
  const node = records.node('node1');
  const manager = { address: '192.0.2.1:2377', reachability: 'reachable', leader: false } as const;
  const events = told((all) => {
    all.put({ table: 'nodes', put: { ...node, manager } });
    all.put({ table: 'nodes', put: { ...node, manager: { ...manager, leader: true } } });
  }, records);
  expect(events.map(({ attributes }) => attributes)).toEqual([
    { name: 'node1' },
    { name: 'node1', 'leader.old': 'false', 'leader.new': 'true' },
  ]);
});

test('tasks and keys are told to nobody', () => {
  expect(told((records) => records.put({ table: 'tasks', remove: 'x' }))).toEqual([]);
});
