import { describe, expect, it } from 'vitest';
import { SwarmMemory } from './memory.ts';
import { RecordOverlay } from './overlay.ts';
import type { SwarmChange, SwarmSecret, SwarmTask } from './records.ts';

const meta = (id: string) => ({ id, version: 1, createdAt: '', updatedAt: '' });
const secret = (id: string, name: string): SwarmSecret => ({ ...meta(id), spec: { Name: name, Labels: {} } });
const task = (id: string, more: Partial<SwarmTask> = {}): SwarmTask => ({
  ...meta(id),
  serviceId: 's1',
  service: { Name: 'web', Labels: {} },
  slot: 1,
  nodeId: 'n1',
  spec: {},
  specVersion: 1,
  attachments: [{ networkId: 'net', addresses: [], mac: '', aliases: [] }],
  ports: [],
  desiredState: 'running',
  status: { timestamp: '', state: 'running', message: '', error: '' },
  ...more,
});
const put = (...tasks: readonly SwarmTask[]): SwarmChange[] =>
  tasks.map((one) => ({ table: 'tasks', put: one }));
const ids = (records: Iterable<{ readonly id: string }>): string[] => Array.from(records, ({ id }) => id);

describe('the records in memory', () => {
  it('are found by name, service, node and network, also after they moved', () => {
    const memory = new SwarmMemory();
    memory.apply([...put(task('t1'), task('t2')), { table: 'secrets', put: secret('x', 'key') }], 1);
    memory.apply(put(task('t1', { nodeId: 'n2', attachments: [] })), 2);
    expect([ids(memory.tasksOfNode('n1')), ids(memory.tasksOfNode('n2'))]).toEqual([['t2'], ['t1']]);
    expect(ids(memory.tasksOfNetwork('net'))).toEqual(['t2']);
    expect(ids(memory.tasksOfService('s1')).sort()).toEqual(['t1', 't2']);
    expect(memory.byName('secrets', 'key')?.id).toBe('x');
    memory.apply(
      [
        { table: 'secrets', remove: 'x' },
        { table: 'tasks', remove: 't2' },
      ],
      3,
    );
    expect([memory.byName('secrets', 'key'), ids(memory.tasksOfService('s1')), memory.revision]).toEqual([
      undefined,
      ['t1'],
      3,
    ]);
  });

  it('tell how they were before a change', () => {
    const memory = new SwarmMemory();
    memory.apply([...put(task('t1')), { table: 'secrets', put: secret('x', 'key') }], 1);
    const before = memory.apply(
      [...put(task('t1', { nodeId: 'n2' }), task('t2')), { table: 'secrets', remove: 'x' }],
      2,
    );
    expect([ids(before.tasksOfNode('n1')), ids(before.tasksOfNode('n2'))]).toEqual([['t1'], []]);
    expect([before.byName('secrets', 'key')?.id, before.get('tasks', 't2'), before.revision]).toEqual([
      'x',
      undefined,
      1,
    ]);
    expect(ids(before.all('tasks'))).toEqual(['t1']);
  });
});

describe('changes on top of a view', () => {
  it('hide what they replace, and are told', () => {
    const memory = new SwarmMemory();
    memory.apply([...put(task('t1'), task('t2')), { table: 'secrets', put: secret('x', 'key') }], 1);
    const draft = new RecordOverlay(memory);
    draft.set('tasks', { id: 't1', record: undefined });
    draft.set('tasks', { id: 't3', record: task('t3') });
    draft.set('tasks', { id: 't4', record: task('t4') });
    draft.set('tasks', { id: 't4', record: undefined });
    draft.set('secrets', { id: 'x', record: secret('x', 'other') });
    expect(ids(draft.tasksOfService('s1'))).toEqual(['t2', 't3']);
    expect([draft.byName('secrets', 'key'), draft.byName('secrets', 'other')?.id]).toEqual([undefined, 'x']);
    expect(draft.changes().map((one) => ('put' in one ? `+${one.put.id}` : `-${one.remove}`))).toEqual([
      '+t3',
      '-t1',
      '+x',
    ]);
    expect(ids(memory.tasksOfService('s1'))).toEqual(['t1', 't2']);
  });
});

it('tasks of a service that is untouched are those of the view below, and new ones are not in the view before', () => {
  const memory = new SwarmMemory();
  memory.apply(put(task('t1'), task('u1', { serviceId: 's2' })), 1);
  const draft = new RecordOverlay(memory);
  draft.set('tasks', { id: 't1', record: undefined });
  draft.set('tasks', { id: 't9', record: task('t9', { serviceId: 's3' }) });
  expect(['s1', 's2', 's3'].map((id) => ids(draft.tasksOfService(id)))).toEqual([[], ['u1'], ['t9']]);
  const before = memory.apply(put(task('u2', { serviceId: 's2' })), 2);
  expect([ids(before.tasksOfService('s2')), ids(memory.tasksOfService('s2'))]).toEqual([
    ['u1'],
    ['u1', 'u2'],
  ]);
});
