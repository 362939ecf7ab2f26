/** A view with changes on top of it that are not stored: what a decision has come to so far, or how a view was. */
import {
  type SwarmChange,
  type SwarmTable,
  type SwarmTables,
  type SwarmTask,
  type SwarmView,
  swarmTables,
} from './records.ts';
import { type NamedTable, SwarmTableSet } from './table-set.ts';

export class RecordOverlay implements SwarmView {
  readonly revision: number;
  readonly #base: SwarmView;
  readonly #puts = new SwarmTableSet();
  /** Whose tasks may differ from the base; undefined: anybody's. */
  #services: Set<string> | undefined = new Set();
  readonly #gone = new Map<SwarmTable, Set<string>>(swarmTables.map((table) => [table, new Set()]));

  constructor(base: SwarmView, revision = base.revision) {
    this.#base = base;
    this.revision = revision;
  }

  get<T extends SwarmTable>(table: T, id: string): SwarmTables[T] | undefined {
    if (this.#isGone(table, id)) return undefined;
    return this.#puts.get(table, id) ?? this.#base.get(table, id);
  }

  *all<T extends SwarmTable>(table: T): Iterable<SwarmTables[T]> {
    for (const record of this.#base.all(table)) if (!this.knows(table, record.id)) yield record;
    yield* this.#puts.all(table);
  }

  byName<T extends NamedTable>(table: T, name: string): SwarmTables[T] | undefined {
    const put = this.#puts.byName(table, name);
    if (put) return put;
    const found = this.#base.byName(table, name);
    return found && !this.knows(table, found.id) ? found : undefined;
  }

  tasksOfService(serviceId: string): Iterable<SwarmTask> {
    const isAsBefore = this.#services !== undefined && !this.#services.has(serviceId);
    return isAsBefore ? this.#base.tasksOfService(serviceId) : this.#tasksOfService(serviceId);
  }

  *#tasksOfService(serviceId: string): Iterable<SwarmTask> {
    yield* this.#unchanged(this.#base.tasksOfService(serviceId));
    yield* this.#puts.tasksOfService(serviceId);
  }

  *tasksOfNode(nodeId: string): Iterable<SwarmTask> {
    yield* this.#unchanged(this.#base.tasksOfNode(nodeId));
    yield* this.#puts.tasksOfNode(nodeId);
  }

  *tasksOfNetwork(networkId: string): Iterable<SwarmTask> {
    yield* this.#unchanged(this.#base.tasksOfNetwork(networkId));
    yield* this.#puts.tasksOfNetwork(networkId);
  }

  /** Whether it differs from the base, or did. */
  knows(table: SwarmTable, id: string): boolean {
    return this.#isGone(table, id) || this.#puts.get(table, id) !== undefined;
  }

  /** No record: it is removed. */
  set<T extends SwarmTable>(
    table: T,
    { id, record }: { readonly id: string; readonly record: SwarmTables[T] | undefined },
  ): void {
    this.#puts.set(table, { id, record });
    if (table === 'tasks') this.#noteTask(record ?? this.#base.get(table, id));
    if (record === undefined) this.#gone.get(table)?.add(id);
    else this.#gone.get(table)?.delete(id);
  }

  /** What leads from the base to this view. */
  changes(): readonly SwarmChange[] {
    const changes: SwarmChange[] = [];
    for (const table of swarmTables) {
      // a row of `swarmTables` and its record belong together
      for (const put of this.#puts.all(table)) changes.push({ table, put } as SwarmChange);
      for (const remove of this.#gone.get(table) ?? [])
        if (this.#base.get(table, remove)) changes.push({ table, remove } as SwarmChange);
    }
    return changes;
  }

  #noteTask(known: SwarmTables[SwarmTable] | undefined): void {
    if (known && 'serviceId' in known) this.#services?.add(known.serviceId);
    else this.#services = undefined;
  }

  #isGone(table: SwarmTable, id: string): boolean {
    return this.#gone.get(table)?.has(id) ?? false;
  }

  *#unchanged(tasks: Iterable<SwarmTask>): Iterable<SwarmTask> {
    for (const task of tasks) if (!this.knows('tasks', task.id)) yield task;
  }
}
