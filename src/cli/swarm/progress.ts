/** How far a service is: how many of its tasks run or are complete, and in what state each of the others is. */
import { CliError } from '../failure.ts';
import { ellipsis, shortId } from '../words/text.ts';
import type { Screen } from './screen.ts';
import { complete, isTerminal, running, stateNumber, stateWidth } from './task-states.ts';
import type { Service, Task } from './types.ts';

export interface Now {
  readonly tasks: readonly Task[];
  /** Ids of nodes that are not down. */
  readonly active: ReadonlySet<string>;
  readonly rollback: boolean;
}

export interface Progress {
  /** Shows it. True when all is as it should be. */
  update(now: Now): Promise<boolean>;
}

const mostBars = 20;
const errorWidth = 75;

export function progressOf(service: Service, screen: Screen): Progress {
  const { Replicated, Global, ReplicatedJob, GlobalJob } = service.Spec.Mode ?? {};
  if (Replicated?.Replicas !== undefined) return new Replicas(screen, Replicated.Replicas);
  if (Global !== undefined) return new Everywhere(screen);
  const iteration = service.JobStatus?.JobIteration.Index ?? 0;
  if (ReplicatedJob !== undefined) {
    const total = ReplicatedJob.TotalCompletions ?? 1;
    return new Job(screen, iteration, { total, concurrent: ReplicatedJob.MaxConcurrent ?? total });
  }
  if (GlobalJob !== undefined) return new JobEverywhere(screen, iteration);
  throw new CliError('unrecognized service mode');
}

const errorText = (task: Task): string => ellipsis((task.Status.Err ?? '').replaceAll('\n', ' '), errorWidth);

/** One task's line: its error, or its state with a bar. */
async function showTask(screen: Screen, task: Task, { id, of }: { id: string; of: number }): Promise<void> {
  if (task.Status.Err) return screen.show({ id, text: errorText(task) });
  const state = task.Status.State;
  await screen.show({ id, text: state.padEnd(stateWidth), done: stateNumber(state), of });
}

const isKnown = ({ DesiredState, Status }: Task): boolean =>
  stateNumber(DesiredState) > 0 && stateNumber(Status.State) > 0;

/** Of the tasks in one place, that with the lowest desired state, and then with the lowest state. */
function firstOf(tasks: readonly Task[]): Task | undefined {
  const rank = ({ DesiredState, Status }: Task): number =>
    stateNumber(DesiredState) * 100 + stateNumber(Status.State);
  return tasks.reduce<Task | undefined>(
    (best, task) => (best === undefined || rank(task) < rank(best) ? task : best),
    undefined,
  );
}

const places = <K>(tasks: readonly Task[], key: (task: Task) => K): Map<K, Task> => {
  const found = new Map<K, Task>();
  for (const [place, group] of Map.groupBy(tasks, key)) {
    const first = firstOf(group);
    if (first !== undefined) found.set(place, first);
  }
  return found;
};

/** A task with its line. */
interface Row {
  /** Undefined for a task beyond those that are asked for. */
  readonly id: string | undefined;
  readonly task: Task;
  /** Whether its node is there. */
  readonly isActive: boolean;
}

/** Services that go on for ever. */
abstract class Lasting implements Progress {
  protected readonly screen: Screen;
  private done = false;

  constructor(screen: Screen) {
    this.screen = screen;
  }

  abstract update(now: Now): Promise<boolean>;

  protected async show(
    rows: readonly Row[],
    { total, rollback }: { readonly total: number; readonly rollback: boolean },
  ): Promise<boolean> {
    if (this.done) this.done = rows.every(({ task }) => task.Status.State === 'running');
    const runs = ({ DesiredState, Status }: Task): boolean =>
      !isTerminal(DesiredState) && Status.State === 'running';
    const counted = rows.filter(({ isActive }) => isActive);
    const count = counted.filter(({ task }) => runs(task)).length;
    for (const row of counted) if (!this.done && total <= mostBars) await this.showOne(row);
    if (!this.done) {
      await this.overall(count, { total, rollback });
      this.done = count === total;
    }
    return count === total;
  }

  protected overall(
    count: number,
    { total, rollback }: { readonly total: number; readonly rollback: boolean },
  ): Promise<void> {
    const prefix = rollback ? 'rolling back update: ' : '';
    return this.screen.show({ id: 'overall progress', text: `${prefix}${count} out of ${total} tasks` });
  }

  private async showOne({ id, task }: Row): Promise<void> {
    if (id === undefined) return;
    if (task.Status.Err || (!isTerminal(task.DesiredState) && !isTerminal(task.Status.State)))
      await showTask(this.screen, task, { id, of: running });
  }
}

class Replicas extends Lasting {
  private readonly replicas: number;
  /** Places on the screen by slot, in the order in which slots are seen. */
  private readonly slots = new Map<number, number>();
  private isBegun = false;

  constructor(screen: Screen, replicas: number) {
    super(screen);
    this.replicas = replicas;
  }

  async update({ tasks, active, rollback }: Now): Promise<boolean> {
    const total = this.replicas;
    if (!this.isBegun) {
      this.isBegun = true;
      await this.overall(0, { total, rollback });
      for (let at = 1; total <= mostBars && at <= total; at++)
        await this.screen.show({ id: `${at}/${total}`, text: ' ' });
    }
    const alive = tasks.filter((task) => isKnown(task) && (!task.NodeID || active.has(task.NodeID)));
    const bySlot = places(alive, ({ Slot = 0 }) => Slot);
    const rows = [...bySlot].map(([slot, task]): Row => {
      const place = this.slots.get(slot) ?? this.slots.size + 1;
      this.slots.set(slot, place);
      return { id: place > total ? undefined : `${place}/${total}`, task, isActive: true };
    });
    return this.show(rows, { total, rollback });
  }
}

class Everywhere extends Lasting {
  private isBegun = false;

  async update({ tasks, active, rollback }: Now): Promise<boolean> {
    const byNode = places(tasks.filter(isKnown), ({ NodeID = '' }) => NodeID);
    const total = byNode.size;
    if (!this.isBegun && total === 0) {
      await this.screen.show({ id: 'overall progress', text: 'waiting for new tasks' });
      return false;
    }
    if (!this.isBegun) await this.overall(0, { total, rollback });
    this.isBegun = true;
    const rows = [...byNode].map(
      ([node, task]): Row => ({ id: shortId(node), task, isActive: active.has(node) }),
    );
    return this.show(rows, { total, rollback });
  }
}

/** Tasks of this run of a job, one for each place: that which is least far. */
function jobTasks<K>(tasks: readonly Task[], iteration: number, key: (task: Task) => K): Map<K, Task> {
  const own = tasks.filter(
    (task) =>
      task.JobIteration !== undefined && (task.JobIteration.Index ?? 0) === iteration && isKnown(task),
  );
  const found = new Map<K, Task>();
  for (const task of own) {
    const place = key(task);
    const other = found.get(place);
    if (other === undefined || stateNumber(task.Status.State) < stateNumber(other.Status.State))
      found.set(place, task);
  }
  return found;
}

const completed = (tasks: Iterable<Task>): number =>
  [...tasks].filter(({ Status }) => Status.State === 'complete').length;

const jobLine = (count: number, total: number) => ({
  id: 'job progress',
  text: `${String(count).padStart(String(total).length)} out of ${total} complete`,
  done: count,
  of: total,
});

interface JobSize {
  readonly total: number;
  readonly concurrent: number;
}

class Job implements Progress {
  private readonly screen: Screen;
  private readonly iteration: number;
  private readonly size: JobSize;
  private isBegun = false;

  constructor(screen: Screen, iteration: number, size: JobSize) {
    this.screen = screen;
    this.iteration = iteration;
    this.size = size;
  }

  async update({ tasks }: Now): Promise<boolean> {
    const { total } = this.size;
    if (!this.isBegun) {
      this.isBegun = true;
      await this.overall(0, 0);
      for (let at = 1; total <= mostBars && at <= total; at++)
        await this.screen.show({ id: `${at}/${total}`, text: ' ' });
    }
    const bySlot = jobTasks(tasks, this.iteration, ({ Slot = 0 }) => Slot);
    for (const [slot, task] of total <= mostBars ? bySlot : [])
      await showTask(this.screen, task, { id: `${slot + 1}/${total}`, of: complete });
    const done = completed(bySlot.values());
    const active = [...bySlot.values()].filter(({ Status }) => stateNumber(Status.State) < complete).length;
    await this.overall(active, done);
    return done === total;
  }

  private async overall(active: number, done: number): Promise<void> {
    const { total, concurrent } = this.size;
    await this.screen.show(jobLine(done, total));
    const width = String(concurrent).length;
    const [count, of] = [active, Math.min(total - done, concurrent)].map((n) => String(n).padStart(width));
    await this.screen.show({ id: 'active tasks', text: `${count} out of ${of} tasks` });
  }
}

class JobEverywhere implements Progress {
  private readonly screen: Screen;
  private readonly iteration: number;
  /** Nodes that the job began on; nodes that come later are not waited for. */
  private nodes: ReadonlySet<string> | undefined;

  constructor(screen: Screen, iteration: number) {
    this.screen = screen;
    this.iteration = iteration;
  }

  async update({ tasks, active }: Now): Promise<boolean> {
    const byNode = jobTasks(tasks, this.iteration, ({ NodeID = '' }) => NodeID);
    if (this.nodes === undefined) {
      if (tasks.length === 0 && active.size > 0) {
        await this.screen.show({ id: 'job progress', text: 'waiting for tasks' });
        return false;
      }
      this.nodes = new Set(byNode.keys());
      await this.screen.show(jobLine(0, this.nodes.size));
    }
    const total = this.nodes.size;
    const own = [...byNode].filter(([node]) => this.nodes?.has(node));
    for (const [node, task] of total <= mostBars ? own : [])
      await showTask(this.screen, task, { id: node, of: complete });
    const done = completed(own.map(([, task]) => task));
    await this.screen.show(jobLine(done, total));
    return done === total;
  }
}
