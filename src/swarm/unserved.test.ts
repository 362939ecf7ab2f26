import { expect, it } from 'vitest';
import { Swarm } from '../../test/swarm/fixture.ts';
import type { SwarmNode, SwarmTask } from './records.ts';
import { withUnserved } from './unserved.ts';

const task = (more: object = {}): SwarmTask =>
  ({
    desiredState: 'running',
    status: { state: 'running', error: '' },
    ports: [
      { Protocol: 'tcp', PublishedPort: 8080, TargetPort: 80, PublishMode: 'ingress' },
      { Protocol: 'udp', PublishedPort: 53, TargetPort: 53, PublishMode: 'host' },
    ],
    ...more,
  }) as unknown as SwarmTask;

it('a task that runs tells which nodes do not serve its ports', () => {
  const swarm = new Swarm();
  const [one, two] = ['one', 'two'].map((name) => swarm.node(name));
  const busy = (node: SwarmNode | undefined, ...busyPorts: readonly string[]): SwarmNode => {
    if (!node?.description) throw new Error('no description');
    return { ...node, description: { ...node.description, busyPorts } };
  };
  const told = (...nodes: readonly SwarmNode[]) => withUnserved(nodes)(task()).status.error;
  expect(told(busy(one), busy(two))).toBe('');
  expect(told(busy(one, 'udp 8080', 'udp 53'), busy(two, 'tcp 80'))).toBe('');
  expect(told(busy(one), busy(two, 'tcp 8080'))).toBe(
    'port 8080/tcp is not served by two: a program there has it',
  );
  const tell = withUnserved([busy(one, 'tcp 8080'), busy(two, 'tcp 8080')]);
  expect(tell(task()).status.error).toContain('by one, port 8080/tcp is not served by two: a program');
  for (const other of [
    task({ desiredState: 'shutdown' }),
    task({ status: { state: 'failed', error: '' } }),
    task({ status: { state: 'running', error: 'known' } }),
  ])
    expect(tell(other)).toBe(other);
});
