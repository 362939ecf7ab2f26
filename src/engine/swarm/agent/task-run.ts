/** One task on its node: its container made, started, watched, stopped and removed, and each state told. */
import { checkCommand } from '../../../model/health.ts';
import type { SwarmTask, TaskState, TaskStatus } from '../../../swarm/records.ts';
import { HealthEvents } from './health-events.ts';
import { findTaskContainer, publishedOf, stateOf, type TaskParts } from './task-parts.ts';
import {
  broken,
  exitError,
  hasEnded,
  isGone,
  isPast,
  isToEnd,
  isToRun,
  reached,
  unhealthy,
} from './task-status.ts';

/** Seconds, where a service names none. */
const usualGrace = 10;

export class TaskRun {
  readonly #parts: TaskParts;
  readonly #abort = new AbortController();
  #task: SwarmTask;
  #status: TaskStatus;
  /** '' until it is made. */
  #containerId: string;
  #health: HealthEvents | undefined;
  #isSick = false;
  #going: Promise<void> | undefined;
  #ending: Promise<unknown> | undefined;

  /** A container that an earlier run of the engine has made is taken over. */
  constructor(task: SwarmTask, parts: TaskParts) {
    this.#task = task;
    this.#parts = parts;
    const container = findTaskContainer(parts.model, task.id);
    this.#containerId = container?.id ?? '';
    this.#status = task.status;
    if (hasEnded(task.status.state)) return;
    const known = container && stateOf(container);
    if (known && isPast(known, task.status.state)) this.#reach(known);
    else if (!container && isPast(task.status.state, 'preparing'))
      this.#set(broken(task.status, new Error(`No such container: ${task.id}`), this.#now()));
  }

  /** What is wanted of it now. */
  update(task: SwarmTask): void {
    this.#task = task;
    if (isToEnd(task) || hasEnded(this.#status.state)) this.#beginEnd();
    else this.#go();
  }

  /** Stops it and removes its container. Resolves when that is done, or is tried again later. */
  async remove(): Promise<void> {
    await this.#beginEnd();
    const { containers, retries, ended } = this.#parts;
    await retries.attempt(this.#subject('removal'), async () => {
      if (this.#containerId !== '')
        await containers
          .remove(this.#containerId, { force: true, volumes: true, link: false })
          .catch(ignoreGone);
      ended();
    });
  }

  /** Its container, and who watches it, are left as they are: the engine ends. */
  close(): void {
    this.#abort.abort();
    this.#health?.close();
  }

  #go(): void {
    if (this.#going || this.#ending) return;
    this.#going = this.#steps().finally(() => {
      this.#going = undefined;
      // what is wanted may have changed while it stood still
      if (this.#status.state === 'ready' && isToRun(this.#task)) this.#go();
    });
  }

  async #steps(): Promise<void> {
    while (!this.#isLeft() && !hasEnded(this.#status.state)) {
      if (this.#status.state === 'ready' && !isToRun(this.#task)) return;
      try {
        const next = await this.#step(this.#status.state);
        if (!this.#isLeft()) this.#reach(next);
      } catch (error) {
        if (!this.#isLeft()) this.#set(broken(this.#status, error, this.#now()));
      }
    }
    if (!this.#isLeft()) await this.#letGo();
  }

  #isLeft(): boolean {
    return this.#abort.signal.aborted;
  }

  async #step(state: TaskState): Promise<TaskState> {
    switch (state) {
      case 'accepted':
        return 'preparing';
      case 'preparing':
        await this.#prepare();
        return 'ready';
      case 'ready':
        return 'starting';
      case 'starting':
        await this.#start();
        return 'running';
      case 'running':
        await this.#wait();
        return 'complete';
      default:
        return 'accepted';
    }
  }

  async #prepare(): Promise<void> {
    const { containers, provideImage, request } = this.#parts;
    await provideImage(this.#task, this.#abort.signal);
    if (this.#isLeft()) return;
    const { id } = await containers.create(request(this.#task));
    this.#containerId = id;
  }

  /** Resolves once it is healthy, where it says so itself, or has ended. */
  async #start(): Promise<void> {
    const { containers, files, model } = this.#parts;
    const health = this.#watch();
    await files.put(this.#containerId, this.#task);
    if (this.#isLeft()) return;
    await containers.start(this.#containerId).catch(ignoreGone);
    const container = model.get('containers', this.#containerId);
    const isAwaited = container && checkCommand(container) && container.state.health?.status === 'starting';
    if (!isAwaited || (await health.first) !== 'unhealthy' || this.#isLeft()) return;
    await this.#wait();
  }

  async #wait(): Promise<void> {
    this.#watch();
    const { containers } = this.#parts;
    const how = { condition: 'not-running', signal: this.#abort.signal } as const;
    const { exitCode } = await containers.wait(this.#containerId, how);
    const error = exitError(exitCode, this.#isSick ? unhealthy : '');
    if (error) throw error;
  }

  #watch(): HealthEvents {
    if (this.#health) return this.#health;
    const health = new HealthEvents(this.#parts.events, this.#containerId);
    health.onUnhealthy(() => {
      this.#isSick = true;
      void this.#stop().catch((error) =>
        this.#parts.logger.warn('an unhealthy task does not stop', { task: this.#task.id, error }),
      );
    });
    this.#health = health;
    return health;
  }

  #beginEnd(): Promise<unknown> {
    this.#ending ??= this.#parts.retries.attempt(this.#subject('end'), () => this.#end());
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#abort.abort();
    await this.#stop();
    await this.#going;
    // what was under way may have made or started it meanwhile
    await this.#stop();
    if (!hasEnded(this.#status.state)) this.#reach('shutdown');
    await this.#letGo();
  }

  async #stop(): Promise<void> {
    if (this.#containerId === '') return;
    const { StopGracePeriod } = this.#task.spec.ContainerSpec ?? {};
    const timeout = StopGracePeriod === undefined ? usualGrace : Math.ceil(StopGracePeriod / 1e9);
    await this.#parts.containers.stop(this.#containerId, { timeout }).catch(ignoreGone);
  }

  /** Of what only a run needs. */
  async #letGo(): Promise<void> {
    if (!hasEnded(this.#status.state)) return;
    this.#health?.close();
    this.#parts.ended();
    if (this.#containerId !== '') await this.#parts.files.drop(this.#containerId);
  }

  #subject(what: string) {
    return { key: `task ${what}:${this.#task.id}`, name: `${what} of a task of ${this.#task.service.Name}` };
  }

  #now() {
    const container = this.#parts.model.get('containers', this.#containerId);
    const { id, state } = container ?? {};
    return {
      timestamp: this.#parts.now(),
      ...(id && state && { more: { container: { id, pid: state.pid, exitCode: state.exitCode } } }),
    };
  }

  #reach(state: TaskState): void {
    const ports = state === 'running' ? publishedOf(this.#parts.model, this.#task, this.#containerId) : [];
    const status = reached(this.#status, { state, ...this.#now() });
    this.#set({ ...status, ...(ports.length > 0 && { ports }) });
  }

  #set(status: TaskStatus): void {
    this.#status = status;
    this.#parts.report({ taskId: this.#task.id, status });
  }
}

function ignoreGone(error: unknown): void {
  if (!isGone(error)) throw error;
}
