/** What the run of a task needs of the engine. */
import type { Container, ContainerRequest } from '../../../model/container.ts';
import { NEVER } from '../../../model/container.ts';
import { isAlive } from '../../../model/container-state.ts';
import { checkCommand } from '../../../model/health.ts';
import type { View } from '../../../model/tables.ts';
import type { TaskReport } from '../../../swarm/assignments.ts';
import type { SwarmTask, TaskState } from '../../../swarm/records.ts';
import type { PortConfig } from '../../../swarm/spec.ts';
import type { ContainerVerbs } from '../../container-verbs.ts';
import type { Core } from '../../core.ts';
import { taskLabel } from '../task-label.ts';
import { portKey } from './container-request.ts';

export interface TaskParts extends Pick<Core, 'model' | 'events' | 'logger' | 'retries'> {
  readonly nodeId: () => string;
  readonly containers: Pick<ContainerVerbs, 'create' | 'start' | 'stop' | 'remove' | 'wait'>;
  /** Secrets and configs. */
  readonly files: {
    put(containerId: string, task: SwarmTask): Promise<void>;
    drop(containerId: string): Promise<void>;
  };
  /** Pulls the image of a task where it is not there. If that fails, creating the container gives the error. */
  readonly provideImage: (task: SwarmTask, gone: AbortSignal) => Promise<void>;
  readonly request: (task: SwarmTask) => ContainerRequest;
  readonly report: (report: TaskReport) => void;
  /** What it held of networks may be let go. */
  readonly ended: () => void;
  readonly now: () => string;
}

export function findTaskContainer(view: Pick<View, 'all'>, taskId: string): Container | undefined {
  for (const container of view.all('containers'))
    if (container.config.Labels[taskLabel] === taskId) return container;
  return undefined;
}

/** The state of a task by its container, which an earlier run of the engine has left. */
export function stateOf({ state, ...container }: Container): TaskState {
  if (state.startedAt === NEVER) return 'ready';
  const isAwaited = checkCommand(container) && state.health?.status === 'starting';
  return isAlive({ state }) && isAwaited ? 'starting' : 'running';
}

/** Ports in mode `host`, as they are bound. */
export function publishedOf(
  view: Pick<View, 'sandboxOfContainer'>,
  task: SwarmTask,
  containerId: string,
): readonly PortConfig[] {
  const bound = view.sandboxOfContainer(containerId)?.ports ?? [];
  return task.ports.flatMap((port) => {
    if (port.PublishMode !== 'host') return [];
    const found = bound.find(
      ({ protocol, containerPort, hostPort }) =>
        `${containerPort}/${protocol}` === portKey(port) &&
        (!port.PublishedPort || port.PublishedPort === hostPort),
    );
    return found ? [{ ...port, PublishedPort: found.hostPort }] : [];
  });
}
