import { expect, it } from 'vitest';
import { memorySwarm } from '../../../test/api/memory-swarm.ts';
import { containerOf, hex } from '../../../test/api/records.ts';
import { Swarm, service } from '../../../test/swarm/fixture.ts';
import type { SwarmNode, SwarmService, SwarmTask } from '../../swarm/records.ts';
import { createService } from '../../swarm/services.ts';

const options = { stdout: true, stderr: true, follow: false, timestamps: false, details: true };

function taskOn(
  node: SwarmNode,
  { id, spec }: SwarmService,
  task: { id: string; containerId: string },
): SwarmTask {
  const at = '2026-01-01T00:00:00Z';
  const container = { id: task.containerId, pid: 1, exitCode: 0 };
  return {
    ...{ id: task.id, version: 0, createdAt: at, updatedAt: at, serviceId: id, nodeId: node.id },
    ...{ service: { Name: spec.Name, Labels: {} }, slot: 1, spec: spec.TaskTemplate, specVersion: 0 },
    ...{ attachments: [], ports: [], desiredState: 'running' },
    status: { timestamp: at, state: 'running', message: '', error: '', container },
  };
}

const labelled = (id: string, task: string) =>
  containerOf(hex(id), { Image: 'busybox', Labels: { 'com.docker.swarm.task.id': task } }, { name: task });

async function* saying(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

function swarmOf(...tasks: readonly (readonly [task: string, host: string, container: string])[]) {
  const records = new Swarm();
  const [here, there] = [records.node('here'), records.node('there')];
  const made = records.commit(createService(service('web'), records.context()));
  for (const [id, host, container] of tasks) {
    const put = taskOn(host === 'here' ? here : there, made, { id, containerId: hex(container) });
    records.put({ table: 'tasks', put });
  }
  const swarm = memorySwarm({
    ...{ records, nodeId: here.id, calls: [] },
    containers: [labelled('1', 't1'), labelled('2', 'another')],
    logs: ({ name }, { attributes = {} }) => saying(`${name} ${Object.values(attributes).join(',')}\n`),
  });
  return { swarm, here, there, made };
}

async function textOf(log: AsyncIterable<Buffer>, said: string[]): Promise<string> {
  for await (const piece of log) said.push(piece.toString());
  return said.join('');
}

it('a log of a task on this node names its node, service and task', async () => {
  const { swarm, here, made } = swarmOf(['t1', 'here', '1']);
  const line = `t1 ${here.id},${made.id},t1\n`;
  expect(await textOf(swarm.services.logs('web', options), [])).toBe(line);
  expect(await textOf(swarm.tasks.logs('t1', options), [])).toBe(line);
});

it('a container that is gone, or of another task, has no log', async () => {
  const { swarm } = swarmOf(['t1', 'here', '3'], ['t2', 'here', '2']);
  expect(await textOf(swarm.services.logs('web', options), [])).toBe('');
});

it('what a node without a session has is said to be missing, after all that is there', async () => {
  const { swarm, there } = swarmOf(['t1', 'here', '1'], ['t2', 'there', '4']);
  const said: string[] = [];
  await expect(textOf(swarm.services.logs('web', options), said)).rejects.toThrow(
    `incomplete log stream. some logs could not be retrieved for the following reasons: node ${there.id} is not available`,
  );
  expect(said).toHaveLength(1);
});
