/** A decision in the making: changes on top of the view, counted in the ledger until it is told. */
import { type Moment, timeText } from '../context.ts';
import { RecordOverlay } from '../overlay.ts';
import type { SwarmChange, SwarmNode, SwarmService, SwarmTask, SwarmView } from '../records.ts';
import type { Ledger } from './ledger.ts';
import type { Slot } from './slot.ts';

interface WorkOptions extends Moment {
  readonly ledger: Ledger;
  /** Roughly the most changes of one decision. */
  readonly most: number;
}

export class Work {
  readonly view: RecordOverlay;
  readonly ledger: Ledger;
  readonly moment: Moment;
  /** The time as records have it. */
  readonly at: string;
  readonly #most: number;
  readonly #base: SwarmView;
  readonly #undo: (() => void)[] = [];
  /** Of services, since their tasks last changed. */
  readonly #slots = new Map<string, ReadonlyMap<string, Slot>>();
  #wakeAt: number | undefined;

  constructor(view: SwarmView, { ledger, most, ...moment }: WorkOptions) {
    this.#base = view;
    this.view = new RecordOverlay(view);
    this.ledger = ledger;
    this.moment = moment;
    this.#most = most;
    this.at = timeText(moment.now);
  }

  get now(): number {
    return this.moment.now;
  }

  /** What is left is for the next decision. */
  get isFull(): boolean {
    return this.#undo.length >= this.#most;
  }

  get count(): number {
    return this.#undo.length;
  }

  node(id: string): SwarmNode | undefined {
    return this.view.get('nodes', id);
  }

  /** As it is without this decision. */
  stored(taskId: string): SwarmTask | undefined {
    return this.#base.get('tasks', taskId);
  }

  task(task: SwarmTask): SwarmTask {
    const put = { ...task, updatedAt: this.at };
    this.#replaceTask(task.id, put);
    return put;
  }

  /** The same as at the last call while the tasks of the service are the same. */
  slots(serviceId: string, find: () => ReadonlyMap<string, Slot>): ReadonlyMap<string, Slot> {
    const known = this.#slots.get(serviceId);
    if (known) return known;
    const found = find();
    this.#slots.set(serviceId, found);
    return found;
  }

  removeTask(id: string): void {
    this.#replaceTask(id, undefined);
  }

  service(service: SwarmService): SwarmService {
    const old = this.view.get('services', service.id);
    const put = { ...service, updatedAt: this.at };
    this.view.set('services', { id: put.id, record: put });
    this.ledger.replaceService(old, put);
    this.#undo.push(() => this.ledger.replaceService(put, old));
    return put;
  }

  /** A node's number, chosen. */
  numberNode(node: SwarmNode, number: number): void {
    this.view.set('nodes', { id: node.id, record: { ...node, number, updatedAt: this.at } });
    this.ledger.nodeNumbers.hold(number, this.at);
    this.#undo.push(() => this.ledger.nodeNumbers.release(number));
  }

  /** Done when the decision is told. */
  afterwards(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** To be asked again then, at the latest. */
  wake(at: number): void {
    this.#wakeAt = Math.min(at, this.#wakeAt ?? at);
  }

  /** The earliest time since the last call. */
  takeWake(): number | undefined {
    const at = this.#wakeAt;
    this.#wakeAt = undefined;
    return at;
  }

  /** The ledger is as it was: it follows the view when the changes are in. */
  end(): readonly SwarmChange[] {
    for (const undo of this.#undo.reverse()) undo();
    // where only the first ones are committed, no new task has come beside an old one
    const changes = this.view.changes();
    return [...changes.filter((one) => !this.#isNew(one)), ...changes.filter((one) => this.#isNew(one))];
  }

  #isNew(change: SwarmChange): boolean {
    return change.table === 'tasks' && 'put' in change && change.put.version === 0;
  }

  #replaceTask(id: string, record: SwarmTask | undefined): void {
    const old = this.view.get('tasks', id);
    this.#slots.delete((record ?? old)?.serviceId ?? '');
    this.view.set('tasks', { id, record });
    this.ledger.replaceTask(old, record);
    this.#undo.push(() => this.ledger.replaceTask(record, old));
  }
}
