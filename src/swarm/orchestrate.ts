/** What managers decide: which tasks there are, where they run, and what they are given. Pure; one of them, the leader, runs it. */
import type { Moment, SwarmGenerators } from './context.ts';
import { isGlobal } from './defaults.ts';
import { tendAttachment } from './leader/attaching.ts';
import { Ledger } from './leader/ledger.ts';
import { tendService } from './leader/tending.ts';
import { Work } from './leader/work.ts';
import type { SwarmChange, SwarmTask, SwarmView } from './records.ts';
import { isOver } from './task-state.ts';

export interface Decision {
  /** Each names its record's version in the view. Empty: nothing is to do. */
  readonly changes: readonly SwarmChange[];
  /** Milliseconds since the epoch: to be asked again then, if nothing changes before. */
  readonly wakeAt?: number;
}

/** A decision makes about as many changes; the rest is left to the next one. */
const defaultMost = 500;

/**
 * Keeps what follows from the records (addresses in use, loads of nodes), so that a change costs no walk over all of them.
 * Decisions follow from the view and the time alone: another one over the same view decides as well.
 */
export class Orchestrator {
  readonly #view: SwarmView;
  readonly #most: number;
  readonly #ledger: Ledger;
  /** Services, or what is left of them, to be looked at until nothing is to do. */
  readonly #due = new Set<string>();
  /** Tasks of standalone containers. */
  readonly #dueAttachments = new Set<string>();
  readonly #nodesWithoutNumber = new Set<string>();
  /** Services whose tasks wait for something that another one has. */
  readonly #waiting = new Set<string>();
  readonly #draining = new Set<string>();
  readonly #globals = new Set<string>();
  /** When to look at a service, or at a task of a standalone container. */
  readonly #wakes = new Map<string, number>();

  /** The view is the manager's mirror, which goes on changing. */
  constructor(view: SwarmView, { most = defaultMost }: { readonly most?: number } = {}) {
    this.#view = view;
    this.#most = most;
    this.#ledger = new Ledger(view);
    for (const { id, number } of view.all('nodes')) if (number === 0) this.#nodesWithoutNumber.add(id);
    for (const { id, spec } of view.all('services')) {
      this.#due.add(id);
      if (isGlobal(spec)) this.#globals.add(id);
    }
    for (const task of view.all('tasks')) this.#dueFor(task);
  }

  /** Called after each change of the view, with the view before it. */
  changed(changes: readonly SwarmChange[], before: SwarmView): void {
    this.#ledger.changed(changes, before);
    for (const change of changes) this.#changed(change, before);
  }

  /** The next changes. What is not committed is decided again at the next call. */
  decide(moment: Moment): Decision {
    const work = new Work(this.#view, { ...moment, ledger: this.#ledger, most: this.#most });
    this.#numberNodes(work);
    for (const [id, at] of this.#wakes) if (at <= moment.now) this.#wake(id);
    for (const id of this.#draining) this.#due.add(id);
    for (const id of this.#dueAttachments) if (!work.isFull) this.#tendAttachment(work, id);
    for (const id of this.#due) if (!work.isFull) this.#tend(work, id);
    const changes = work.end();
    const wakeAt = Math.min(...this.#wakes.values());
    return Number.isFinite(wakeAt) ? { changes, wakeAt } : { changes };
  }

  #tend(work: Work, id: string): void {
    const before = work.count;
    const { waits, drains } = tendService(work, id);
    if (work.count === before) this.#due.delete(id);
    toggle(this.#waiting, { id, is: waits });
    toggle(this.#draining, { id, is: drains });
    this.#setWake(id, work.takeWake());
  }

  #tendAttachment(work: Work, id: string): void {
    const before = work.count;
    tendAttachment(work, id);
    if (work.count === before) this.#dueAttachments.delete(id);
    this.#setWake(id, work.takeWake());
  }

  #setWake(id: string, at: number | undefined): void {
    if (at === undefined) this.#wakes.delete(id);
    else this.#wakes.set(id, at);
  }

  #wake(id: string): void {
    const task = this.#view.get('tasks', id);
    if (task) this.#dueFor(task);
    else this.#due.add(id);
    this.#wakes.delete(id);
  }

  #numberNodes(work: Work): void {
    for (const id of this.#nodesWithoutNumber) {
      const node = this.#view.get('nodes', id);
      const number = node?.number === 0 ? this.#ledger.nodeNumbers.next() : undefined;
      if (node && number !== undefined) work.numberNode(node, number);
      else this.#nodesWithoutNumber.delete(id);
    }
  }

  #dueFor({ id, serviceId }: SwarmTask): void {
    if (serviceId === '') this.#dueAttachments.add(id);
    else this.#due.add(serviceId);
  }

  #changed(change: SwarmChange, before: SwarmView): void {
    const id = 'put' in change ? change.put.id : change.remove;
    if (change.table === 'tasks') {
      const old = before.get('tasks', id);
      const task = 'put' in change ? change.put : undefined;
      for (const one of [old, task]) if (one) this.#dueFor(one);
      if (old && !isOver(old) && (!task || isOver(task))) this.#dueWaiting();
    } else if (change.table === 'services') {
      this.#due.add(id);
      toggle(this.#globals, { id, is: 'put' in change && isGlobal(change.put.spec) });
      if (!('put' in change)) this.#dueWaiting();
    } else if (change.table === 'nodes') {
      if ('put' in change && change.put.number === 0) this.#nodesWithoutNumber.add(id);
      for (const task of this.#view.tasksOfNode(id)) this.#dueFor(task);
      for (const one of this.#globals) this.#due.add(one);
      this.#dueWaiting();
    } else if (change.table === 'networks') this.#dueWaiting();
  }

  #dueWaiting(): void {
    for (const id of this.#waiting) this.#due.add(id);
  }
}

function toggle(set: Set<string>, { id, is }: { readonly id: string; readonly is: boolean }): void {
  if (is) set.add(id);
  else set.delete(id);
}

/** One decision from a view alone. */
export const orchestrate = (
  view: SwarmView,
  {
    now,
    generate,
    acknowledged = () => 0,
  }: { readonly now: number; readonly generate: SwarmGenerators } & Partial<Moment>,
): Decision => new Orchestrator(view).decide({ now, generate, acknowledged });
