/** What nodes bear: their tasks, reserved resources and ports of the host. */

import type { SwarmTask } from '../records.ts';
import type { PortConfig } from '../spec.ts';
import { isOver, isWanted } from '../task-state.ts';

export interface Load {
  /** Tasks that are to run. */
  tasks: number;
  nanoCpus: number;
  memoryBytes: number;
  readonly byService: Map<string, number>;
  /** `tcp 8080` in mode `host`, and how many hold it. */
  readonly hostPorts: Map<string, number>;
}

const none: Load = { tasks: 0, nanoCpus: 0, memoryBytes: 0, byService: new Map(), hostPorts: new Map() };

/** `tcp 8080` of the ports that a task takes on its host. */
export const hostPortsOf = (ports: readonly PortConfig[]): readonly string[] =>
  ports.flatMap(({ Protocol, PublishedPort, PublishMode }) =>
    PublishMode === 'host' && PublishedPort ? [`${Protocol || 'tcp'} ${PublishedPort}`] : [],
  );

export class Loads {
  readonly #nodes = new Map<string, Load>();

  /** Of a node; not to be changed. */
  of(nodeId: string): Load {
    return this.#nodes.get(nodeId) ?? none;
  }

  add(task: SwarmTask): void {
    this.#count(task, 1);
  }

  remove(task: SwarmTask): void {
    this.#count(task, -1);
  }

  #count(task: SwarmTask, by: 1 | -1): void {
    const { nodeId, serviceId, spec, ports, status } = task;
    if (nodeId === '' || serviceId === '' || isOver(task)) return;
    if (status.state === 'new' || status.state === 'pending') return;
    const load = this.#loadOf(nodeId);
    const { NanoCPUs = 0, MemoryBytes = 0 } = spec.Resources?.Reservations ?? {};
    load.nanoCpus += by * NanoCPUs;
    load.memoryBytes += by * MemoryBytes;
    for (const port of hostPortsOf(ports)) change(load.hostPorts, { key: port, by });
    if (!isWanted(task)) return;
    load.tasks += by;
    change(load.byService, { key: serviceId, by });
  }

  #loadOf(nodeId: string): Load {
    const found = this.#nodes.get(nodeId);
    if (found) return found;
    const made = { ...none, byService: new Map(), hostPorts: new Map() };
    this.#nodes.set(nodeId, made);
    return made;
  }
}

function change(
  counts: Map<string, number>,
  { key, by }: { readonly key: string; readonly by: number },
): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
