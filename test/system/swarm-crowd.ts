/**
 * Nodes of a swarm that only say that they run their tasks, over real sessions with a manager.
 *
 *     node test/system/swarm-crowd.ts HOST:2377 WORKER-TOKEN COUNT
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../../src/errors.ts';
import { makeRequest } from '../../src/manager/certificates.ts';
import { NodeLink } from '../../src/manager/node-link.ts';
import { dialManager, joinBy } from '../../src/manager/remote.ts';
import { readToken } from '../../src/manager/tokens.ts';
import { createLogger } from '../../src/observe/logger.ts';
import type { Assignments } from '../../src/swarm/assignments.ts';
import { timeText } from '../../src/swarm/context.ts';
import type { SwarmTask, TaskState } from '../../src/swarm/records.ts';
import { isOver, isWanted } from '../../src/swarm/task-state.ts';

/** Milliseconds between two states of a task. */
const step = 50;
/** Milliseconds before a node that was refused asks again. */
const pause = 2_000;

/** What a node that works well reports last. */
function goalOf(task: SwarmTask): TaskState | undefined {
  if (isOver(task)) return undefined;
  if (!isWanted(task)) return task.drainingSince ? undefined : 'shutdown';
  return task.desiredState === 'ready' ? 'ready' : 'running';
}

export async function joinOne(place: string, token: string, index: number): Promise<NodeLink> {
  const { request, key } = await makeRequest();
  const call = { token, request, availability: 'active', address: '' };
  const { joined, rootCa } = await joinBy(place, { digest: readToken(token)?.digest ?? '', call });
  const trust = { rootCa, node: { certificate: joined.certificate, key } };
  const link = new NodeLink({
    logger: createLogger('error'),
    dial: (ends) => dialManager(place, trust, ends),
    welcomed: () => undefined,
    removed: () => undefined,
  });
  const told = new Map<string, TaskState>();
  const work = ({ tasks, revision }: Assignments): void => {
    for (const task of tasks) {
      const state = goalOf(task);
      if (!state || told.get(task.id) === state) continue;
      told.set(task.id, state);
      const container = { id: task.id.padEnd(64, '0'), pid: 4_000_000 + index, exitCode: 0 };
      const status = { timestamp: timeText(Date.now()), state, message: 'started', error: '', container };
      setTimeout(() => link.report({ taskId: task.id, status }), step);
    }
    link.acknowledge(revision);
  };
  link.onAssignments(work);
  link.describe({
    ...{ hostname: `crowd${index}`, mtu: 1500, routes: [], busyPorts: [] },
    data4: `203.0.113.${index + 1}`,
    platform: { architecture: 'x86_64', os: 'linux' },
    resources: { nanoCpus: 64e9, memoryBytes: 256 * 2 ** 30 },
    engine: { version: '1', labels: {}, plugins: [] },
  });
  link.begin();
  return link;
}

/** Managers allow strangers few requests at once. */
async function joinInTurn(place: string, token: string, index: number): Promise<void> {
  for (;;) {
    try {
      await joinOne(place, token, index);
      return;
    } catch (error) {
      if (!hasCode(error, 'SWARM_UNAVAILABLE')) throw error;
      await sleep(pause);
    }
  }
}

if (import.meta.main) {
  const [place = '', token = '', count = '25'] = process.argv.slice(2);
  for (let i = 0; i < Number(count); i++) await joinInTurn(place, token, i);
  console.log('joined');
  for (;;) await sleep(60_000);
}
