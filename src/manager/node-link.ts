/** A node's way to its managers. What a manager has not taken yet is kept, and told to the next one. */
import { fail, messageOf } from '../errors.ts';
import type { Network } from '../model/network.ts';
import type { Logger } from '../observe/logger.ts';
import type { ManagerLink, ServeLog } from '../swarm/access.ts';
import type { Assignments, AttachmentRequest, TaskReport } from '../swarm/assignments.ts';
import { assemble, type Parts, withChange } from '../swarm/parts.ts';
import type { NodeDescription, SwarmTask } from '../swarm/records.ts';
import { LogServing } from './log-serving.ts';
import { errorOf, type FromNode, type ToNode } from './protocol.ts';

export interface Channel {
  send(message: FromNode): void;
  close(): void;
}

export interface Ends {
  message(message: ToNode): void;
  /** Called once. */
  closed(why: Error | undefined): void;
}

export type Certified = Extract<FromNode, { readonly op: 'certified' }>;
export type Welcome = Extract<ToNode, { readonly op: 'welcome' }>;

export interface LinkOptions {
  readonly logger: Logger;
  /** Reaches a manager, another one each time if it can. Rejects where it does not within its limit. */
  readonly dial: (ends: Ends) => Promise<Channel>;
  readonly welcomed: (welcome: Welcome) => void;
  readonly removed: () => void;
}

interface Calling {
  readonly message: Extract<FromNode, { readonly op: 'attach' | 'detach' | 'rename' | 'leave' }>;
  readonly settle: (answer: Extract<ToNode, { readonly op: 'answer' }>) => void;
  /** The manager of this session has it. */
  isAsked: boolean;
}

/** Milliseconds. */
const [collecting, firstPause, longestPause] = [100, 200, 5_000];
const [usualPeriod, missed] = [5_000, 3];
const callLimit = 30_000;
/** Calls of a kind that a manager has at a time: one that is asked more than it can do ends the session. */
const mostAsked = 64;

export class NodeLink implements ManagerLink {
  readonly #options: LinkOptions;
  readonly #listeners = new Set<(assignments: Assignments) => void>();
  readonly #reports = new Map<string, TaskReport>();
  readonly #batches = new Map<number, readonly TaskReport[]>();
  /** In their order. */
  readonly #calls = new Map<number, Calling>();
  readonly #logs = new LogServing((message) => this.#channel?.send(message));
  #channel: Channel | undefined;
  /** Of this session. */
  #parts: Parts = new Map();
  #assignments: Assignments | undefined;
  #description: NodeDescription | undefined;
  #certificate: Certified | undefined;
  #acknowledged = 0;
  #next = 1;
  #period = usualPeriod;
  #pause = firstPause;
  #hasBegun = false;
  #isClosed = false;
  #flushing: NodeJS.Timeout | undefined;
  #beating: NodeJS.Timeout | undefined;
  #hearing: NodeJS.Timeout | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#channel !== undefined;
  }

  /** Goes on until it is closed. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    void this.#connect();
  }

  /** The session goes on with another manager. */
  redial(): void {
    this.#pause = firstPause;
    this.#channel?.close();
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of [this.#flushing, this.#beating, this.#hearing]) clearTimeout(timer);
    this.#channel?.close();
    this.#channel = undefined;
  }

  onAssignments(listener: (assignments: Assignments) => void): void {
    this.#listeners.add(listener);
    if (this.#assignments) listener(this.#assignments);
  }

  report(report: TaskReport): void {
    this.#reports.set(report.taskId, report);
    this.#flushing ??= setTimeout(() => this.#flush(), collecting);
  }

  acknowledge(revision: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, revision);
    this.#channel?.send({ op: 'acknowledge', revision });
  }

  describe(description: NodeDescription): void {
    this.#description = description;
    this.#channel?.send({ op: 'describe', description });
  }

  /** What this node's certificate is signed by, and the root CA that it trusts. */
  certified(certificate: Certified): void {
    this.#certificate = certificate;
    this.#channel?.send(certificate);
  }

  serveLogs(serve: ServeLog): void {
    this.#logs.serve = serve;
  }

  async attach(request: AttachmentRequest): Promise<{ readonly task: SwarmTask; readonly network: Network }> {
    if (!this.#channel) throw fail('SWARM_NO_LEADER');
    const { attached } = await this.#call((call) => ({ op: 'attach', call, request }));
    if (!attached) throw fail('SWARM_UNKNOWN', 'the manager has not answered');
    return attached;
  }

  detach(taskId: string): void {
    this.#call((call) => ({ op: 'detach', call, taskId }), Number.POSITIVE_INFINITY).catch((error) =>
      this.#options.logger.warn('an attachment was not given back', {
        task: taskId,
        error: messageOf(error),
      }),
    );
  }

  async rename(taskId: string, name: string): Promise<void> {
    await this.#call((call) => ({ op: 'rename', call, taskId, name }));
  }

  /** The managers know that it left, or cannot be asked. */
  async leave(limit: number): Promise<void> {
    if (this.#channel) await this.#call((call) => ({ op: 'leave', call }), limit).catch(() => undefined);
  }

  async #call(
    messageOfCall: (call: number) => Calling['message'],
    limit = callLimit,
  ): Promise<Extract<ToNode, { readonly op: 'answer' }>> {
    const call = this.#next++;
    const message = messageOfCall(call);
    const { promise, resolve, reject } = Promise.withResolvers<Extract<ToNode, { readonly op: 'answer' }>>();
    const timer = Number.isFinite(limit)
      ? setTimeout(() => reject(fail('SWARM_DEADLINE')), limit)
      : undefined;
    this.#calls.set(call, { message, settle: resolve, isAsked: false });
    this.#ask();
    try {
      const answer = await promise;
      if (answer.refusal) throw errorOf(answer.refusal);
      return answer;
    } finally {
      clearTimeout(timer);
      this.#calls.delete(call);
      this.#ask();
    }
  }

  /** Sends calls that wait, as far as there is room. Places that are given back do not wait for those that are asked for. */
  #ask(): void {
    const asked = new Map<string, number>();
    for (const calling of this.#channel ? this.#calls.values() : []) {
      const { message, isAsked } = calling;
      const before = asked.get(message.op) ?? 0;
      if (before >= mostAsked) continue;
      asked.set(message.op, before + 1);
      calling.isAsked = true;
      if (!isAsked) this.#channel?.send(message);
    }
  }

  async #connect(): Promise<void> {
    while (!this.#isClosed && !this.#channel) {
      const ended = Promise.withResolvers<Error | undefined>();
      const ends = { message: (message: ToNode) => this.#take(message), closed: ended.resolve };
      try {
        this.#channel = await this.#options.dial(ends);
        this.#begun(this.#channel);
        const why = await ended.promise;
        if (why && !this.#isClosed)
          this.#options.logger.warn('the session with a manager has ended', { error: why.message });
      } catch (error) {
        this.#options.logger.debug('no manager was reached', { error: messageOf(error) });
      }
      this.#channel = undefined;
      this.#logs.close();
      clearTimeout(this.#beating);
      clearTimeout(this.#hearing);
      await this.#wait();
    }
  }

  /** With jitter, so that all nodes of a manager that went do not come at once. */
  async #wait(): Promise<void> {
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, this.#pause * (0.5 + Math.random())).unref();
    this.#pause = Math.min(longestPause, this.#pause * 2);
    await promise;
  }

  #begun(channel: Channel): void {
    if (this.#isClosed) {
      channel.close();
      return;
    }
    this.#heard();
    this.#beat();
    if (this.#description) channel.send({ op: 'describe', description: this.#description });
    if (this.#certificate) channel.send(this.#certificate);
    if (this.#acknowledged > 0) channel.send({ op: 'acknowledge', revision: this.#acknowledged });
    this.#batches.clear();
    if (this.#reports.size > 0) this.#flush();
    for (const calling of this.#calls.values()) calling.isAsked = false;
    this.#ask();
  }

  #flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    if (!this.#channel) return;
    const underway = new Set([...this.#batches.values()].flat());
    const reports = [...this.#reports.values()].filter((report) => !underway.has(report));
    if (reports.length === 0) return;
    const batch = this.#next++;
    this.#batches.set(batch, reports);
    this.#channel.send({ op: 'report', batch, reports });
  }

  #take(message: ToNode): void {
    this.#heard();
    if (message.op === 'welcome') this.#welcomed(message);
    else if (message.op === 'assignments') this.#assigned(message);
    else if (message.op === 'reported') this.#reported(message.batch);
    else if (message.op === 'answer') this.#calls.get(message.call)?.settle(message);
    else if (message.op === 'removed') this.#options.removed();
    else if (message.op !== 'beat') this.#logs.take(message);
  }

  #welcomed(welcome: Welcome): void {
    this.#pause = firstPause;
    this.#period = welcome.period;
    this.#options.welcomed(welcome);
  }

  /** A manager that is behind the last one is not followed. */
  #assigned(message: Extract<ToNode, { readonly op: 'assignments' }>): void {
    this.#parts = withChange(message.isFirst ? new Map() : this.#parts, message.change);
    const { generation, revision } = message;
    const assignments = assemble(this.#parts, { generation, revision });
    const last = this.#assignments;
    const isOlder =
      last &&
      (assignments.generation < last.generation ||
        (assignments.generation === last.generation && assignments.revision < last.revision));
    if (isOlder) return;
    this.#assignments = assignments;
    for (const listener of this.#listeners) listener(assignments);
  }

  #reported(batch: number): void {
    for (const report of this.#batches.get(batch) ?? [])
      if (this.#reports.get(report.taskId) === report) this.#reports.delete(report.taskId);
    this.#batches.delete(batch);
  }

  #beat(): void {
    clearTimeout(this.#beating);
    // a little early, so that managers count none as missed
    const after = this.#period * (0.8 + Math.random() * 0.1);
    this.#beating = setTimeout(() => {
      this.#channel?.send({ op: 'beat' });
      this.#beat();
    }, after).unref();
  }

  #heard(): void {
    clearTimeout(this.#hearing);
    this.#hearing = setTimeout(() => this.#channel?.close(), missed * this.#period).unref();
  }
}
