/** The tasks that a manager has given this node, each with its run. */
import type { SwarmTask } from '../../../swarm/records.ts';
import { nodeLabel, taskLabel } from '../task-label.ts';
import type { TaskParts } from './task-parts.ts';
import { TaskRun } from './task-run.ts';

export class Tasks {
  readonly #parts: TaskParts;
  readonly #runs = new Map<string, TaskRun>();
  /** Their container is being removed. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(parts: TaskParts) {
    this.#parts = parts;
  }

  /** Those that are missing are removed, also what an earlier run of the engine has left of them. */
  update(tasks: readonly SwarmTask[]): void {
    const wanted = new Map(tasks.map((task) => [task.id, task]));
    for (const id of this.#runs.keys()) if (!wanted.has(id)) this.#remove(id);
    for (const task of tasks) this.#run(task);
    this.#dropOthers((taskId) => wanted.has(taskId) || this.#leaving.has(taskId));
  }

  has(taskId: string): boolean {
    return this.#runs.has(taskId) || this.#leaving.has(taskId);
  }

  /** All of them are removed at once, as by `rm -f`. */
  async leave(): Promise<void> {
    this.close();
    this.#runs.clear();
    this.#dropOthers(() => false);
    await Promise.all(this.#leaving.values());
  }

  close(): void {
    for (const run of this.#runs.values()) run.close();
  }

  #dropOthers(isKnown: (taskId: string) => boolean): void {
    for (const { id, config } of this.#parts.model.all('containers')) {
      const taskId = config.Labels[taskLabel];
      const isOurs = config.Labels[nodeLabel] === this.#parts.nodeId();
      if (taskId !== undefined && isOurs && !isKnown(taskId)) this.#drop(taskId, id);
    }
  }

  #run(task: SwarmTask): void {
    if (this.#leaving.has(task.id)) return;
    const run = this.#runs.get(task.id) ?? new TaskRun(task, this.#parts);
    this.#runs.set(task.id, run);
    run.update(task);
  }

  #remove(id: string): void {
    const run = this.#runs.get(id);
    this.#runs.delete(id);
    if (run) this.#leave(id, run.remove());
  }

  /** A container whose task nobody knows. */
  #drop(taskId: string, containerId: string): void {
    const { containers, retries, ended, files } = this.#parts;
    const subject = { key: `task removal:${taskId}`, name: `removal of task ${taskId}` };
    const removed = retries.attempt(subject, async () => {
      if (this.#parts.model.get('containers', containerId))
        await containers.remove(containerId, { force: true, volumes: true, link: false });
      await files.drop(containerId);
      ended();
    });
    this.#leave(taskId, removed);
  }

  #leave(taskId: string, removed: Promise<unknown>): void {
    const left = removed.then(() => {
      this.#leaving.delete(taskId);
    });
    this.#leaving.set(taskId, left);
  }
}
