/** Sessions of the nodes with this manager: what each is given, what it reports, and whether it lives. */
import { fail, messageOf } from '../errors.ts';
import type { TaskLogRequest } from '../swarm/assignments.ts';
import type { SwarmChange, SwarmView } from '../swarm/records.ts';
import { reportTasks } from '../swarm/reports.ts';
import { type Acknowledged, acknowledgedBy } from './acknowledged.ts';
import type { ManagerPlace } from './protocol.ts';
import { wantedRoot } from './root-rotation.ts';
import {
  NodeSession,
  type Opening,
  type Pending,
  type SessionHost,
  type SessionsOptions,
} from './session.ts';
import { issuerOf } from './subject.ts';

/** Milliseconds: statuses are collected, sets are sent, and what could not be written is tried again. */
const [collecting, spreading, retrying] = [100, 10, 1_000];

export class Sessions implements SessionHost {
  readonly options: SessionsOptions;
  readonly #sessions = new Map<string, NodeSession>();
  readonly #dirty = new Set<string>();
  /** By manager. */
  readonly #others = new Map<string, Acknowledged>();
  readonly #listeners = new Set<() => void>();
  readonly #stop: () => void;
  #isPaused = false;
  #pending: Pending[] = [];
  #flushing: NodeJS.Timeout | undefined;
  #spreading: NodeJS.Timeout | undefined;

  constructor(options: SessionsOptions) {
    this.options = options;
    this.#stop = options.store.onChange((changes, before) => this.#changed(changes, before));
  }

  /** A node has one session; an older one of it is ended. Throws SWARM_NO_LEADER while nothing is handed out. */
  open(opening: Opening): NodeSession {
    if (this.#isPaused) throw fail('SWARM_NO_LEADER');
    this.#sessions.get(opening.nodeId)?.replace();
    const session = new NodeSession(this, opening);
    this.#sessions.set(opening.nodeId, session);
    session.begin();
    return session;
  }

  /** Whether a node has a session here that is not given up. */
  has(nodeId: string): boolean {
    return this.#sessions.has(nodeId);
  }

  /** The log of a task; undefined for a node without a session here. */
  readLog(nodeId: string, request: TaskLogRequest, gone: AbortSignal): AsyncIterable<Buffer> | undefined {
    const session = this.#sessions.get(nodeId);
    // one that has ended is kept for a while: its node may come back, here or elsewhere
    return session?.isLive ? session.readLog(request, gone) : undefined;
  }

  forget(session: NodeSession): void {
    if (this.#sessions.get(session.nodeId) === session) this.#sessions.delete(session.nodeId);
  }

  /** The newest revision that the node's kernel agrees with; 0 for a node that no manager has told of. */
  acknowledged(nodeId: string): number {
    const session = this.#sessions.get(nodeId);
    const { store } = this.options;
    if (!session?.isLive) {
      const holder = store.view.get('nodes', nodeId)?.session?.managerId;
      return acknowledgedBy(this.#others.get(holder ?? ''), nodeId);
    }
    const isCurrent = !this.#dirty.has(nodeId) && session.hasAll;
    return isCurrent ? store.view.revision : session.acknowledged;
  }

  /** How far a node has come; undefined where this manager does not know. Milliseconds of `behind` for a session here. */
  progress(nodeId: string): { readonly revision: number; readonly behind?: number } | undefined {
    const session = this.#sessions.get(nodeId);
    const revision = this.acknowledged(nodeId);
    if (!session?.isLive) return revision > 0 ? { revision } : undefined;
    const { behindSince } = session;
    return { revision, ...(behindSince !== undefined && { behind: this.options.now() - behindSince }) };
  }

  /** As reported to the leader. */
  allAcknowledged(): Acknowledged {
    const { revision } = this.options.store.view;
    const nodes = Array.from(this.#sessions.values()).flatMap((one) => (one.isLive ? [one.nodeId] : []));
    const behind = nodes.flatMap((id) => {
      const acknowledged = this.acknowledged(id);
      return acknowledged < revision ? [[id, acknowledged] as const] : [];
    });
    return { revision, nodes, behind: Object.fromEntries(behind) };
  }

  /** What another manager tells of its nodes; undefined: nothing more. */
  told(managerId: string, acknowledged: Acknowledged | undefined): void {
    if (acknowledged) this.#others.set(managerId, acknowledged);
    else this.#others.delete(managerId);
    this.toldAcknowledged();
  }

  onAcknowledged(listener: () => void): void {
    this.#listeners.add(listener);
  }

  toldAcknowledged(): void {
    for (const listener of this.#listeners) listener();
  }

  get managers(): readonly ManagerPlace[] {
    return Array.from(this.options.store.view.all('nodes')).flatMap(({ id, manager }) =>
      manager ? [{ nodeId: id, address: manager.address }] : [],
    );
  }

  get trust(): { readonly rootCa: string; readonly issuer: string } {
    const [cluster] = this.options.store.view.all('cluster');
    if (!cluster) throw fail('SWARM_UNAVAILABLE', 'the manager is not ready');
    return { rootCa: cluster.rootCa, issuer: issuerOf(wantedRoot(cluster)).publicKey };
  }

  /** Milliseconds between beats. */
  get period(): number {
    const [cluster] = this.options.store.view.all('cluster');
    return (cluster?.spec.Dispatcher.HeartbeatPeriod ?? 5e9) / 1e6;
  }

  collect(pending: Pending): void {
    this.#pending.push(pending);
    this.#flushing ??= setTimeout(() => void this.#flush(), collecting);
  }

  /** What is known here may be old: sessions are ended, and none begins. */
  pause(): void {
    this.#isPaused = true;
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }

  resume(): void {
    this.#isPaused = false;
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#flushing);
    clearTimeout(this.#spreading);
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }

  /** All reports of the time in one transaction. A node keeps its own until it hears that they were taken. */
  async #flush(): Promise<void> {
    const taken = this.#pending;
    this.#pending = [];
    const { store, now, logger } = this.options;
    let next = collecting;
    try {
      await store.transact((view) => {
        const changes = taken.flatMap(
          ({ session: { nodeId }, reports }) =>
            reportTasks({ nodeId, reports }, { now: now() })(view).changes,
        );
        return { changes: lastOfEach(changes), result: undefined };
      });
      for (const { session, ...batch } of taken) session.reported(batch);
    } catch (error) {
      logger.warn('statuses of tasks wait for the state of the swarm', { error: messageOf(error) });
      this.#pending = [...taken, ...this.#pending];
      next = retrying;
    }
    this.#flushing = this.#pending.length > 0 ? setTimeout(() => void this.#flush(), next) : undefined;
  }

  #changed(changes: readonly SwarmChange[], before: SwarmView): void {
    for (const nodeId of this.options.assigner.changed(changes, before))
      if (this.#sessions.has(nodeId)) this.#dirty.add(nodeId);
    const nodes = changes.filter(({ table }) => table === 'nodes');
    for (const change of nodes) if ('remove' in change) this.#sessions.get(change.remove)?.removed();
    if (isOfRoot(changes, before) || nodes.some((change) => this.#isOfManager(change, before)))
      for (const session of this.#sessions.values()) session.welcome();
    if (this.#dirty.size > 0) this.#spreading ??= setTimeout(() => this.#spread(), spreading);
  }

  #isOfManager(change: SwarmChange, before: SwarmView): boolean {
    if (change.table !== 'nodes') return false;
    const old = before.get('nodes', 'put' in change ? change.put.id : change.remove);
    const [was, is] = [old?.manager, 'put' in change ? change.put.manager : undefined];
    const roles = 'put' in change && change.put.spec.Role !== old?.spec.Role;
    return roles || was?.address !== is?.address;
  }

  #spread(): void {
    this.#spreading = undefined;
    for (const nodeId of this.#dirty) this.#sessions.get(nodeId)?.assign();
    this.#dirty.clear();
    this.toldAcknowledged();
  }
}

/** Nodes are to trust another root CA, or to have certificates by another one. */
const isOfRoot = (changes: readonly SwarmChange[], before: SwarmView): boolean =>
  changes.some((change) => {
    if (change.table !== 'cluster' || !('put' in change)) return false;
    const old = before.get('cluster', change.put.id);
    return (
      old === undefined || old.rootCa !== change.put.rootCa || wantedRoot(old) !== wantedRoot(change.put)
    );
  });

/** Of a record that several reports change, the last one counts. */
const lastOfEach = (changes: readonly SwarmChange[]): readonly SwarmChange[] => [
  ...new Map(changes.map((change) => ['put' in change ? change.put.id : change.remove, change])).values(),
];
