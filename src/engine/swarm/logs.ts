/** Logs of the tasks of a service, or of one task: each read on the node that has it. */
import { Readable } from 'node:stream';
import { fail } from '../../errors.ts';
import type { SwarmTask } from '../../swarm/records.ts';
import type { Core } from '../core.ts';
import type { SwarmLogOptions } from '../swarm-verbs.ts';
import { Merge } from './merge.ts';

export type LogSources = Pick<Core, 'swarm' | 'model'> & { readonly runtime: Pick<Core['runtime'], 'logs'> };

export type LogSubject = { readonly serviceId: string } | { readonly taskId: string };

/** Of a service that is followed it goes on with tasks that come, until the reader has gone. */
export async function* logsOfTasks(
  core: LogSources,
  subject: LogSubject,
  options: SwarmLogOptions,
): AsyncGenerator<Buffer> {
  const store = core.swarm.store();
  const merge = new Merge<Buffer>({ open: options.follow && 'serviceId' in subject });
  const begun = new Set<string>();
  const unreachable = new Set<string>();
  const begin = (task: SwarmTask): void => {
    if (!task.status.container || begun.has(task.id)) return;
    begun.add(task.id);
    if (task.nodeId === core.swarm.standing().nodeId) merge.add(localLog(core, task, options));
    else unreachable.add(task.nodeId);
  };
  for (const task of 'taskId' in subject
    ? oneTask(core, subject.taskId)
    : store.view.tasksOfService(subject.serviceId))
    begin(task);
  const stop = store.onChange((changes) => {
    for (const change of changes)
      if (change.table === 'tasks' && 'put' in change && isOf(change.put, subject)) begin(change.put);
  });
  const close = (): void => merge.close();
  options.gone?.addEventListener('abort', close);
  try {
    yield* merge;
  } finally {
    stop();
    options.gone?.removeEventListener('abort', close);
  }
  if (unreachable.size > 0) throw incomplete([...unreachable]);
}

const isOf = (task: SwarmTask, subject: LogSubject): boolean =>
  'serviceId' in subject && task.serviceId === subject.serviceId;

function oneTask({ swarm }: Pick<Core, 'swarm'>, id: string): readonly SwarmTask[] {
  const task = swarm.store().view.get('tasks', id);
  return task ? [task] : [];
}

const incomplete = (nodes: readonly string[]): Error =>
  fail(
    'SWARM_UNKNOWN',
    `warning: incomplete log stream. some logs could not be retrieved for the following reasons: ${nodes.map((node) => `node ${node} is not available`).join(', ')}`,
  );

/** What this node has of it; nothing where its container has gone. */
export function localLog(
  { model, runtime }: Omit<LogSources, 'swarm'>,
  task: SwarmTask,
  options: SwarmLogOptions,
): AsyncIterable<Buffer> {
  const container = model.get('containers', task.status.container?.id ?? '');
  if (!container) return Readable.from([]);
  const attributes = {
    'com.docker.swarm.node.id': task.nodeId,
    'com.docker.swarm.service.id': task.serviceId,
    'com.docker.swarm.task.id': task.id,
  };
  return runtime.logs(container, { ...options, attributes });
}
