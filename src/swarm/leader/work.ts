/** A decision in the making: changes on top of the view, counted in the ledger until it is told. */
import { type Moment, timeText } from '../context.ts';
import { RecordOverlay } from '../overlay.ts';
import type { SwarmChange, SwarmNode, SwarmService, SwarmTask, SwarmView } from '../records.ts';
import type { Ledger } from './ledger.ts';

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
  readonly #undo: (() => void)[] = [];
  #wakeAt: number | undefined;

  constructor(view: SwarmView, { ledger, most, ...moment }: WorkOptions) {
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

  task(task: SwarmTask): SwarmTask {
    const put = { ...task, updatedAt: this.at };
    this.#replaceTask(task.id, put);
    return put;
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
    return this.view.changes();
  }

  #replaceTask(id: string, record: SwarmTask | undefined): void {
    const old = this.view.get('tasks', id);
    this.view.set('tasks', { id, record });
    this.ledger.replaceTask(old, record);
    this.#undo.push(() => this.ledger.replaceTask(record, old));
  }
}
