/** One node's session with this manager. */
import { messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import type { Assigner } from '../swarm/assign.ts';
import type { TaskLogRequest, TaskReport } from '../swarm/assignments.ts';
import { detachContainer, renameAttachment } from '../swarm/attachments.ts';
import { type Parts, partsBetween } from '../swarm/parts.ts';
import type { SwarmTransition } from '../swarm/records.ts';
import { attach } from './attaching.ts';
import { LogReading } from './log-reading.ts';
import { described, sessionBegun, sessionLost } from './node-changes.ts';
import { type FromNode, type ManagerPlace, refusalOf, type ToNode } from './protocol.ts';
import { certified } from './root-rotation.ts';
import type { ManagerStore } from './store.ts';

export interface SessionsOptions {
  readonly store: ManagerStore;
  readonly assigner: Assigner;
  readonly logger: Logger;
  readonly managerId: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newId: () => string;
}

export interface Opening {
  readonly nodeId: string;
  /** As it is seen from here. */
  readonly address: string;
  send(message: ToNode): void;
  /** Whether what was sent waits to be read; `read` is called once it was. */
  isBehind(read: () => void): boolean;
  /** Ends the connection once what was sent has gone. */
  end(): void;
}

export interface Pending {
  readonly session: NodeSession;
  readonly batch: number;
  readonly reports: readonly TaskReport[];
}

/** What a session needs of all of them. */
export interface SessionHost {
  readonly options: SessionsOptions;
  readonly managers: readonly ManagerPlace[];
  /** The root CA that nodes trust, and the key that their certificates are to be signed by. */
  readonly trust: { readonly rootCa: string; readonly issuer: string };
  /** Milliseconds between beats. */
  readonly period: number;
  collect(pending: Pending): void;
  toldAcknowledged(): void;
  forget(session: NodeSession): void;
}

/** Sets whose times are kept. */
const mostOpen = 100;
/** Beats that may be missed. */
const missed = 3;
/** Changes and questions of a node that are not done yet, and reports that are not on record: several times those of a large one. */
const [mostWork, mostReports] = [256, 100_000];

export class NodeSession {
  readonly nodeId: string;
  readonly #all: SessionHost;
  readonly #opening: Opening;
  readonly #id: string;
  readonly #logs = new LogReading((message) => this.send(message));
  #parts: Parts = new Map();
  #sent = 0;
  /** A set waits until the node has read the last one. */
  #isDue = false;
  /** Sets that it has not acknowledged, oldest first. */
  #open: readonly { readonly revision: number; readonly at: number }[] = [];
  #acknowledged = 0;
  #isOver = false;
  #work = 0;
  #reports = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(all: SessionHost, opening: Opening) {
    this.#all = all;
    this.#opening = opening;
    this.nodeId = opening.nodeId;
    this.#id = all.options.newId();
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** It has acknowledged the last set that it was sent. */
  get hasAll(): boolean {
    return !this.#isDue && this.#sent > 0 && this.#acknowledged >= this.#sent;
  }

  /** When the oldest set was sent that it has not acknowledged, in milliseconds since the epoch; undefined where there is none. */
  get behindSince(): number | undefined {
    return this.#open[0]?.at;
  }

  /** Its connection has not ended. */
  get isLive(): boolean {
    return !this.#isOver;
  }

  readLog(request: TaskLogRequest, gone: AbortSignal): AsyncIterable<Buffer> {
    return this.#logs.read(request, gone);
  }

  begin(): void {
    const { managerId, now } = this.#all.options;
    this.welcome();
    this.assign();
    this.#awaitBeat();
    const { nodeId: id } = this;
    const { address } = this.#opening;
    void this.#note(sessionBegun({ id, now: now(), managerId, sessionId: this.#id, address }));
  }

  send(message: ToNode): void {
    if (!this.#isOver) this.#opening.send(message);
  }

  welcome(): void {
    const { period, managers, trust, options } = this.#all;
    const role = options.store.view.get('nodes', this.nodeId)?.spec.Role ?? 'worker';
    this.send({ op: 'welcome', period, role, managers, ...trust });
  }

  /** What of its set differs from what it has, as soon as it has read what it was sent before; the whole set at first. */
  assign(): void {
    this.#isDue ||= this.#opening.isBehind(() => {
      this.#isDue = false;
      if (!this.#isOver) this.assign();
    });
    if (this.#isDue) return;
    const { assigner, now } = this.#all.options;
    const parts = assigner.partsOf(this.nodeId);
    const change = partsBetween(this.#parts, parts);
    const isFirst = this.#sent === 0;
    if (!change && !isFirst) return;
    const { head } = assigner;
    this.#parts = parts;
    this.#sent = head.revision;
    if (this.#open.length < mostOpen) this.#open = [...this.#open, { revision: head.revision, at: now() }];
    this.send({ op: 'assignments', ...head, isFirst, change: change ?? { put: {}, gone: [] } });
  }

  /** Role and membership are those of the record now, whatever the certificate says. */
  take(message: FromNode): void {
    if (this.#isOver || this.#isFlooded(message)) return;
    this.#awaitBeat();
    const { options } = this.#all;
    const { nodeId } = this;
    if (!options.store.view.get('nodes', nodeId)) this.removed();
    else if (message.op === 'beat') this.send({ op: 'beat' });
    else if (message.op === 'report') this.#collect(message);
    else if (message.op === 'logged') this.#logs.take(message);
    else if (message.op === 'acknowledge') this.#acknowledge(message.revision);
    else if (message.op === 'certified')
      void this.#counted(this.#note(certified({ id: nodeId, now: options.now() }, message)));
    else if (message.op === 'describe')
      void this.#counted(this.#note(described({ id: nodeId, now: options.now() }, message.description)));
    else void this.#counted(this.#answer(message));
  }

  /** A batch of its reports is on record. */
  reported({ batch, reports }: Pick<Pending, 'batch' | 'reports'>): void {
    this.#reports -= reports.length;
    this.send({ op: 'reported', batch });
  }

  /** The connection has ended; the node may come back in time. */
  ended(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#logs.close();
  }

  /** The node has another session by now. */
  replace(): void {
    this.close();
  }

  removed(): void {
    this.send({ op: 'removed' });
    this.close();
    this.#all.forget(this);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#isOver = true;
    this.#logs.close();
    this.#opening.end();
  }

  #collect({ batch, reports }: Extract<FromNode, { readonly op: 'report' }>): void {
    this.#reports += reports.length;
    this.#all.collect({ session: this, batch, reports });
  }

  /** A node that sends more than its manager can do has no session until it begins another one, and is down where it does not. */
  #isFlooded({ op }: FromNode): boolean {
    const isTooMuch = op === 'report' ? this.#reports > mostReports : op !== 'beat' && this.#work >= mostWork;
    if (!isTooMuch) return false;
    const { nodeId: node } = this;
    this.#all.options.logger.warn('a node sends more than its manager can do: its session ends', { node });
    this.ended();
    this.#opening.end();
    return true;
  }

  async #counted(work: Promise<void>): Promise<void> {
    this.#work += 1;
    await work;
    this.#work -= 1;
  }

  #acknowledge(revision: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(revision, this.#sent));
    this.#open = this.#open.filter((one) => one.revision > this.#acknowledged);
    this.#all.toldAcknowledged();
  }

  async #answer(
    message: Extract<FromNode, { readonly op: 'attach' | 'detach' | 'rename' | 'leave' }>,
  ): Promise<void> {
    const { store, now } = this.#all.options;
    const { nodeId } = this;
    const { call } = message;
    try {
      if (message.op === 'attach') {
        const attached = await attach(this.#all.options, { nodeId, request: message.request });
        return this.send({ op: 'answer', call, attached });
      }
      if (message.op === 'detach') await store.transact(detachContainer({ nodeId, taskId: message.taskId }));
      else if (message.op === 'rename')
        await store.transact(renameAttachment({ nodeId, ...message }, { now: now() }));
      else await store.transact(sessionLost({ id: nodeId, now: now() }, this.#lost('node left')));
      this.send({ op: 'answer', call });
    } catch (thrown) {
      this.send({ op: 'answer', call, refusal: refusalOf(thrown) });
    }
  }

  #lost(message: string): { readonly sessionId: string; readonly message: string } {
    return { sessionId: this.#id, message };
  }

  #awaitBeat(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#gone(), missed * this.#all.period).unref();
  }

  #gone(): void {
    const { now, logger } = this.#all.options;
    logger.warn('a node is down: its heartbeats are missing', { node: this.nodeId });
    this.close();
    this.#all.forget(this);
    void this.#note(sessionLost({ id: this.nodeId, now: now() }, this.#lost('heartbeat failure')));
  }

  async #note(transition: SwarmTransition<void>): Promise<void> {
    const { store, logger } = this.#all.options;
    await store
      .transact(transition)
      .catch((error) =>
        logger.warn('the state of a node is not on record', { node: this.nodeId, error: messageOf(error) }),
      );
  }
}
