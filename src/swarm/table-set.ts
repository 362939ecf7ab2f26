/** Tables of a swarm's records, with the indexes that a view has. */
import { type SwarmTable, type SwarmTables, type SwarmTask, type SwarmView, swarmTables } from './records.ts';

export type NamedTable = 'services' | 'networks' | 'secrets' | 'configs';

type AnyRecord = SwarmTables[SwarmTable];

/** Undefined for the tables whose records have no names. */
export function nameOf(table: SwarmTable, record: AnyRecord): string | undefined {
  if (table === 'networks') return 'network' in record ? record.network.name : undefined;
  if (table !== 'services' && table !== 'secrets' && table !== 'configs') return undefined;
  return 'spec' in record && 'Name' in record.spec ? record.spec.Name : undefined;
}

export const networksOfTask = ({ attachments }: SwarmTask): readonly string[] =>
  attachments.map(({ networkId }) => networkId);

type TaskIndex = Map<string, Map<string, SwarmTask>>;

export class SwarmTableSet implements SwarmView {
  readonly #tables = new Map<SwarmTable, Map<string, AnyRecord>>(swarmTables.map((one) => [one, new Map()]));
  readonly #names = new Map<SwarmTable, Map<string, string>>(swarmTables.map((one) => [one, new Map()]));
  readonly #byService: TaskIndex = new Map();
  readonly #byNode: TaskIndex = new Map();
  readonly #byNetwork: TaskIndex = new Map();

  get revision(): number {
    return 0;
  }

  get<T extends SwarmTable>(table: T, id: string): SwarmTables[T] | undefined {
    return this.#table(table).get(id);
  }

  all<T extends SwarmTable>(table: T): Iterable<SwarmTables[T]> {
    return this.#table(table).values();
  }

  byName<T extends NamedTable>(table: T, name: string): SwarmTables[T] | undefined {
    const id = this.#names.get(table)?.get(name);
    return id === undefined ? undefined : this.get(table, id);
  }

  tasksOfService(serviceId: string): Iterable<SwarmTask> {
    return this.#byService.get(serviceId)?.values() ?? [];
  }

  tasksOfNode(nodeId: string): Iterable<SwarmTask> {
    return this.#byNode.get(nodeId)?.values() ?? [];
  }

  tasksOfNetwork(networkId: string): Iterable<SwarmTask> {
    return this.#byNetwork.get(networkId)?.values() ?? [];
  }

  /** No record: it is removed. */
  set<T extends SwarmTable>(
    table: T,
    { id, record }: { readonly id: string; readonly record: SwarmTables[T] | undefined },
  ): void {
    const rows = this.#table(table);
    const old = rows.get(id);
    if (record === undefined) rows.delete(id);
    else rows.set(id, record);
    this.#name(table, { old, record });
    if (table === 'tasks') this.#indexTask(asTask(old), asTask(record));
  }

  // the map of a table holds that table's records alone
  #table<T extends SwarmTable>(table: T): Map<string, SwarmTables[T]> {
    return this.#tables.get(table) as Map<string, SwarmTables[T]>;
  }

  #name(
    table: SwarmTable,
    { old, record }: { readonly old: AnyRecord | undefined; readonly record: AnyRecord | undefined },
  ): void {
    const names = this.#names.get(table);
    const before = old && nameOf(table, old);
    const after = record && nameOf(table, record);
    if (before !== undefined && before !== after && names?.get(before) === old?.id) names?.delete(before);
    if (after !== undefined && record) names?.set(after, record.id);
  }

  #indexTask(old: SwarmTask | undefined, task: SwarmTask | undefined): void {
    if (old) {
      remove(this.#byService, { key: old.serviceId, id: old.id });
      remove(this.#byNode, { key: old.nodeId, id: old.id });
      for (const key of networksOfTask(old)) remove(this.#byNetwork, { key, id: old.id });
    }
    if (!task) return;
    add(this.#byService, { key: task.serviceId, task });
    add(this.#byNode, { key: task.nodeId, task });
    for (const key of networksOfTask(task)) add(this.#byNetwork, { key, task });
  }
}

const asTask = (record: AnyRecord | undefined): SwarmTask | undefined =>
  record && 'desiredState' in record ? record : undefined;

function add(index: TaskIndex, { key, task }: { readonly key: string; readonly task: SwarmTask }): void {
  const tasks = index.get(key);
  if (tasks) tasks.set(task.id, task);
  else index.set(key, new Map([[task.id, task]]));
}

function remove(index: TaskIndex, { key, id }: { readonly key: string; readonly id: string }): void {
  const tasks = index.get(key);
  tasks?.delete(id);
  if (tasks?.size === 0) index.delete(key);
}
