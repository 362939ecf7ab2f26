/** A swarm with a leader and with nodes that only say that they run tasks. */
import { timeText } from '../../src/swarm/context.ts';
import { Orchestrator } from '../../src/swarm/orchestrate.ts';
import type { NodeState, SwarmNode, SwarmService, SwarmTask, TaskState } from '../../src/swarm/records.ts';
import { reportTasks } from '../../src/swarm/reports.ts';
import { createService, updateService } from '../../src/swarm/services.ts';
import type { Availability, ServiceSpec, TaskSpec } from '../../src/swarm/spec.ts';
import { compareStates, isOver, isWanted } from '../../src/swarm/task-state.ts';
import { Swarm } from './fixture.ts';

const goesOn: Partial<Record<TaskState, TaskState>> = {
  assigned: 'accepted',
  accepted: 'preparing',
  preparing: 'ready',
  ready: 'starting',
  starting: 'running',
};

export class Cluster extends Swarm {
  orchestrator = new Orchestrator(this.view);
  /** Nodes that neither report nor acknowledge. */
  readonly dead = new Set<string>();
  /** What a task that would come up reports in place of it. */
  fails: (task: SwarmTask) => TaskState | undefined = () => undefined;
  /** Changes that decisions have made. */
  decided = 0;
  wakeAt: number | undefined;

  constructor(seed = 1) {
    super(seed);
    this.listeners.push((changes, before) => this.orchestrator.changed(changes, before));
  }

  /** Another manager leads from now on. */
  changeLeader(): void {
    this.orchestrator = new Orchestrator(this.view);
  }

  create(spec: ServiceSpec): SwarmService {
    return this.commit(createService(spec, this.context()));
  }

  update(id: string, spec: ServiceSpec, rollback = false): void {
    const { version } = this.service(id);
    this.commit(updateService({ id, version, spec, rollback }, this.context()));
  }

  service(id: string): SwarmService {
    const found = this.view.get('services', id);
    if (!found) throw new Error(`no service ${id}`);
    return found;
  }

  tasks(id: string): SwarmTask[] {
    return [...this.view.tasksOfService(id)].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Those that are to run and do. */
  running(id: string): SwarmTask[] {
    return this.tasks(id).filter((task) => isWanted(task) && task.status.state === 'running');
  }

  setNode(id: string, { state, availability }: { state?: NodeState; availability?: Availability }): void {
    const node = this.view.get('nodes', id) as SwarmNode;
    const status = state ? { ...node.status, state, since: timeText(this.now) } : node.status;
    const spec = availability ? { ...node.spec, Availability: availability } : node.spec;
    this.put({ table: 'nodes', put: { ...node, status, spec } });
    if (state === 'down') this.dead.add(id);
    if (state === 'ready') this.dead.delete(id);
  }

  /** Decides until nothing is to do. */
  decide(): void {
    for (let i = 0; i < 1_000; i++) {
      const { changes, wakeAt } = this.orchestrator.decide({
        ...this.context(),
        acknowledged: (nodeId) => (this.dead.has(nodeId) ? 0 : this.view.revision),
      });
      this.wakeAt = wakeAt;
      if (changes.length === 0) return;
      this.decided += changes.length;
      this.put(...changes);
    }
    throw new Error('the leader does not come to an end');
  }

  /** Each living node goes one step on with its tasks. */
  work(nodes: Iterable<{ readonly id: string }> = [...this.view.all('nodes')]): void {
    for (const { id } of nodes) {
      if (this.dead.has(id)) continue;
      const reports = Array.from(this.view.tasksOfNode(id)).flatMap((task) => {
        const state = this.#next(task);
        return state ? [this.report(task, state)] : [];
      });
      if (reports.length > 0) this.commit(reportTasks({ nodeId: id, reports }, this.context()));
    }
  }

  report(task: SwarmTask, state: TaskState) {
    return {
      taskId: task.id,
      status: { timestamp: timeText(this.now), state, message: state, error: '' },
    };
  }

  say(task: SwarmTask, state: TaskState): void {
    this.commit(reportTasks({ nodeId: task.nodeId, reports: [this.report(task, state)] }, this.context()));
  }

  /** Decides and works until nothing moves, without time passing. */
  settle(): void {
    let revision = -1;
    while (revision !== this.view.revision) {
      revision = this.view.revision;
      this.decide();
      this.work();
    }
  }

  /** Lets time pass, and settles whenever the leader would have woken. */
  pass(seconds: number): void {
    const end = this.now + seconds * 1_000;
    this.settle();
    while (this.wakeAt !== undefined && this.wakeAt <= end) {
      this.now = Math.max(this.now + 1, this.wakeAt);
      this.settle();
    }
    this.now = end;
    this.settle();
  }

  #next(task: SwarmTask): TaskState | undefined {
    const { state } = task.status;
    if (isOver(task) || compareStates(state, 'assigned') < 0) return undefined;
    if (!isWanted(task)) return task.drainingSince ? undefined : 'shutdown';
    const next = goesOn[state];
    if (next === 'starting' && task.desiredState === 'ready') return undefined;
    return next === 'running' || state === 'running' ? (this.fails(task) ?? next) : next;
  }
}

export const replicas = (Replicas: number) => ({ Mode: { Replicated: { Replicas } } });
export const image = (Image: string): Partial<TaskSpec> => ({ ContainerSpec: { Image } });

/** A cluster with so many nodes, and their ids. */
export function start(nodes = 3) {
  const cluster = new Cluster();
  const ids = Array.from({ length: nodes }, (_, i) => cluster.node(`node${i + 1}`).id);
  return { cluster, ids };
}

export const images = (tasks: readonly SwarmTask[]) => tasks.map(({ spec }) => spec.ContainerSpec?.Image);
export const slots = (tasks: readonly SwarmTask[]) => tasks.map(({ slot }) => slot).sort((a, b) => a - b);
export const perNode = (tasks: readonly SwarmTask[], ids: readonly string[]) =>
  ids.map((id) => tasks.filter(({ nodeId }) => nodeId === id).length);
