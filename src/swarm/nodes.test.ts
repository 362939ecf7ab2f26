import { describe, expect, it } from 'vitest';
import type { SwarmContext } from './context.ts';
import { SwarmMemory } from './memory.ts';
import { updateNode } from './nodes.ts';
import type { SwarmNode } from './records.ts';
import type { NodeRole } from './spec.ts';

const at = '2026-01-01T00:00:00.000000000Z';
const context: SwarmContext = {
  now: 0,
  generate: { id: () => 'x', mac: () => '02:00:00:00:00:01', below: () => 0 },
};

const node = (id: string, more: Partial<SwarmNode> = {}): SwarmNode => ({
  ...{ id, version: 1, createdAt: at, updatedAt: at, number: 1, specChangedAfter: 0 },
  spec: { Name: '', Labels: {}, Role: 'worker', Availability: 'active' },
  status: { state: 'ready', message: '', address: '', since: at },
  ...more,
});
const manager = (id: string, reachability: 'reachable' | 'unreachable'): SwarmNode =>
  node(id, {
    spec: { Name: '', Labels: {}, Role: 'manager', Availability: 'active' },
    manager: { address: `${id}:2377`, reachability, leader: false },
  });

function of(...nodes: readonly SwarmNode[]): SwarmMemory {
  const memory = new SwarmMemory();
  memory.apply(
    nodes.map((put) => ({ table: 'nodes', put }) as const),
    Math.max(...nodes.map(({ version }) => version)),
  );
  return memory;
}
const labelled = (memory: SwarmMemory, version: number): SwarmNode =>
  updateNode(
    { id: 'a', version, spec: { Name: '', Labels: { a: '1' }, Role: 'worker', Availability: 'active' } },
    context,
  )(memory).result;

describe('an update of a node', () => {
  it('counts though the node has told something since, but not over a spec that it has not seen', () => {
    const memory = of(node('a', { version: 9, specChangedAfter: 4 }));
    expect([labelled(memory, 9), labelled(memory, 5)].map(({ spec }) => spec.Labels.a)).toEqual(['1', '1']);
    for (const version of [0, 4, 10])
      expect(() => labelled(memory, version), `version ${version}`).toThrow('update out of sequence');
    expect(labelled(memory, 7).specChangedAfter).toBe(9);
  });

  const demote = (memory: SwarmMemory, id: string): NodeRole =>
    updateNode(
      { id, version: 1, spec: { Name: '', Labels: {}, Role: 'worker', Availability: 'active' } },
      context,
    )(memory).result.spec.Role;

  it('leaves a swarm as many managers as it needs', () => {
    expect(() => demote(of(manager('a', 'reachable')), 'a')).toThrow('attempting to demote the last manager');
    const two = [manager('a', 'reachable'), manager('b', 'reachable')];
    expect(demote(of(...two), 'a')).toBe('worker');
    const torn = of(...two, manager('c', 'unreachable'));
    expect(() => demote(torn, 'a')).toThrow('this would result in a loss of quorum');
    expect(demote(torn, 'c')).toBe('worker');
  });
});
