/** Logs of the tasks of a service, or of one task: each read on the node that has it. */
import { Readable } from 'node:stream';
import { fail } from '../../errors.ts';
import type { TaskLogRequest } from '../../swarm/assignments.ts';
import type { SwarmTask } from '../../swarm/records.ts';
import type { Core } from '../core.ts';
import type { SwarmLogOptions } from '../swarm-verbs.ts';
import { Merge } from './merge.ts';

export type LogSources = Pick<Core, 'swarm' | 'model'> & {
  readonly runtime: Pick<Core['runtime'], 'logs'>;
};

export type LogSubject = { readonly serviceId: string } | { readonly taskId: string };

/** Of a service that is followed it goes on with tasks that come, until the reader has gone. */
export async function* logsOfTasks(
  core: LogSources,
  subject: LogSubject,
  options: SwarmLogOptions,
): AsyncGenerator<Buffer> {
  const store = core.swarm.store();
  const logs = new TaskLogs(core, options, { open: options.follow && 'serviceId' in subject });
  for (const task of tasksOf(core, subject)) logs.begin(task);
  const stop = store.onChange((changes) => {
    for (const change of changes)
      if (change.table === 'tasks' && 'put' in change && isOf(change.put, subject)) logs.begin(change.put);
  });
  const close = (): void => logs.merge.close();
  options.gone?.addEventListener('abort', close);
  try {
    yield* logs.merge;
  } finally {
    stop();
    options.gone?.removeEventListener('abort', close);
  }
  logs.refuseMissing();
}

class TaskLogs {
  readonly merge: Merge<Buffer>;
  readonly #core: LogSources;
  readonly #options: SwarmLogOptions;
  readonly #begun = new Set<string>();
  readonly #missing = new Set<string>();

  constructor(core: LogSources, options: SwarmLogOptions, merge: { readonly open: boolean }) {
    this.#core = core;
    this.#options = options;
    this.merge = new Merge(merge);
  }

  /** Once it has a container. */
  begin(task: SwarmTask): void {
    const { container } = task.status;
    if (!container || this.#begun.has(task.id)) return;
    this.#begun.add(task.id);
    const { gone = new AbortController().signal, since, ...options } = this.#options;
    const request: TaskLogRequest = {
      ...{ taskId: task.id, serviceId: task.serviceId, containerId: container.id },
      ...{ stdout: options.stdout, stderr: options.stderr, follow: options.follow },
      ...{ timestamps: options.timestamps, details: options.details ?? false },
      ...(options.tail !== undefined && { tail: options.tail }),
      ...(since !== undefined && { since: String(since) }),
    };
    const { swarm } = this.#core;
    const isHere = task.nodeId === swarm.standing().nodeId;
    const log = isHere
      ? localLog(this.#core, { ...request, gone })
      : swarm.member.inside?.logs.readLog(task.nodeId, request, gone);
    if (log) this.merge.add(log);
    else this.#missing.add(task.nodeId);
  }

  /** Throws SWARM_UNKNOWN, in Docker's words, where a node could not be asked. */
  refuseMissing(): void {
    if (this.#missing.size === 0) return;
    const nodes = [...this.#missing].map((node) => `node ${node} is not available`).join(', ');
    throw fail(
      'SWARM_UNKNOWN',
      `warning: incomplete log stream. some logs could not be retrieved for the following reasons: ${nodes}`,
    );
  }
}

const isOf = (task: SwarmTask, subject: LogSubject): boolean =>
  'serviceId' in subject && task.serviceId === subject.serviceId;

function tasksOf({ swarm }: Pick<Core, 'swarm'>, subject: LogSubject): Iterable<SwarmTask> {
  const { view } = swarm.store();
  if ('serviceId' in subject) return view.tasksOfService(subject.serviceId);
  const task = view.get('tasks', subject.taskId);
  return task ? [task] : [];
}

/** What this node has of a log; nothing where the container has gone, or is of another task. */
export function localLog(
  { model, runtime, swarm }: LogSources,
  { containerId, taskId, serviceId, since, ...options }: TaskLogRequest & { readonly gone: AbortSignal },
): AsyncIterable<Buffer> {
  const container = model.get('containers', containerId);
  if (container?.config.Labels?.['com.docker.swarm.task.id'] !== taskId) return Readable.from([]);
  const attributes = {
    'com.docker.swarm.node.id': swarm.standing().nodeId,
    'com.docker.swarm.service.id': serviceId,
    'com.docker.swarm.task.id': taskId,
  };
  return runtime.logs(container, {
    ...options,
    attributes,
    ...(since !== undefined && { since: BigInt(since) }),
  });
}
