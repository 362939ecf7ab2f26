/** The swarm's records on a manager: a mirror in memory of what its member of etcd has, changed by transactions. */
import { channel } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, hasCode, messageOf } from '../errors.ts';
import type { Changes, Entry, Kv, Snapshot, Transaction, TransactionResult } from '../kv/kv.ts';
import type { Logger } from '../observe/logger.ts';
import type { SwarmStore } from '../swarm/access.ts';
import type { SwarmMemory } from '../swarm/memory.ts';
import type { SwarmChange, SwarmTransition, SwarmView } from '../swarm/records.ts';
import { changeOf, keyOf, leaderKey, placeOf, putOf, turnKey, versioned } from './formats.ts';
import { removedBetween } from './removed.ts';
import type { Seal } from './sealing.ts';
import { sharing } from './sharing.ts';

/** Work that no request has asked for. */
const work = channel('seaway:work');

/** What etcd says meanwhile. */
const electing = /no leader|leader changed|request timed out/;
const full = /database space exceeded/;

type Listener = (changes: readonly SwarmChange[], before: SwarmView) => void;

export interface StoreOptions {
  readonly kv: Kv;
  readonly seal: Seal;
  readonly memory: SwarmMemory;
  readonly logger: Logger;
  /** Called when etcd does not answer, and without an error once it does again. */
  readonly onAway?: (why: Error | undefined) => void;
}

/** Milliseconds for a transaction with all its attempts, and for the mirror to follow another manager. */
const [patience, following] = [15_000, 5_000];

/** Throws where this manager no longer leads; asked before each attempt. */
export type Fence = () => void;

export class ManagerStore implements SwarmStore {
  readonly #options: StoreOptions;
  readonly #listeners = new Set<Listener>();
  readonly #over = new AbortController();
  readonly #moved = new Set<() => void>();
  #turn = 0;
  #leader: { readonly id: string; readonly revision: number } | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #watching: Promise<void> | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get view(): SwarmView {
    return this.#options.memory;
  }

  /** Id of the manager that leads; '' before there is one. */
  get leader(): string {
    return this.#leader?.id ?? '';
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves once the whole state was read. Throws KV_AWAY after a while without an answer. */
  async begin(limit: number): Promise<void> {
    const { kv, onAway } = this.#options;
    const first = Promise.withResolvers<void>();
    const watch = kv.watch('', { signal: this.#over.signal, ...(onAway && { onAway }) });
    this.#watching = this.#follow(watch, first.resolve);
    const late = sleep(limit, undefined, { ref: false }).then(() => {
      throw fail('SWARM_NO_LEADER');
    });
    await Promise.race([first.promise, late]);
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#watching;
    await this.#options.kv.close();
  }

  /** One after the other on this manager; each has seen the one before, of whichever manager. */
  transact<R>(transition: SwarmTransition<R>, fence?: Fence): Promise<R> {
    return this.#inTurn(async () => {
      const end = performance.now() + patience;
      for (;;) {
        fence?.();
        const { changes, result } = transition(this.view);
        if (changes.length === 0) return result;
        if (await this.#commit(changes, fence !== undefined)) return result;
        if (performance.now() > end) throw fail('SWARM_DEADLINE');
      }
    });
  }

  /** This manager leads from now on: what another one decided before is not committed any more. */
  lead(managerId: string): Promise<void> {
    return this.#inTurn(async () => {
      const put = [{ key: leaderKey, value: this.#options.seal.close(leaderKey, managerId) }];
      let revision: number | undefined;
      while (revision === undefined) revision = await this.#ask({ put });
      this.#leader = { id: managerId, revision };
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** false: another manager was first, and the mirror has what it did. */
  async #commit(changes: readonly SwarmChange[], fenced: boolean): Promise<boolean> {
    const { seal } = this.#options;
    const put = changes.flatMap((change) => ('put' in change ? putOf(seal, change) : []));
    const remove = changes.flatMap((change) => ('put' in change ? [] : keyOf(change.table, change.remove)));
    const compare = fenced && this.#leader ? [{ key: leaderKey, revision: this.#leader.revision }] : [];
    const revision = await this.#ask({ compare, put, remove });
    if (revision === undefined) return false;
    this.#took(
      changes.map((change) => versioned(change, revision)),
      revision,
    );
    return true;
  }

  /** Resolves with the revision; undefined where another manager was first, once the mirror has followed. */
  async #ask({ compare = [], put = [], remove = [] }: Transaction): Promise<number | undefined> {
    const turn = this.#turn === 0 ? { absent: true as const } : { revision: this.#turn };
    const outcome = await this.#told({
      compare: [{ key: turnKey, ...turn }, ...compare],
      put: [{ key: turnKey, value: '' }, ...put],
      remove,
    });
    if (outcome.ok) {
      this.#turn = outcome.revision;
      return outcome.revision;
    }
    await this.#reaches(outcome.others.find(({ key }) => key === turnKey)?.revision ?? 0);
    return undefined;
  }

  async #told(transaction: Transaction): Promise<TransactionResult> {
    try {
      return await this.#options.kv.transact(transaction);
    } catch (thrown) {
      if (hasCode(thrown, 'KV_AWAY')) throw fail('SWARM_NO_LEADER');
      if (hasCode(thrown, 'KV_TIMEOUT')) throw fail('SWARM_DEADLINE');
      // etcd elects, or its process was started again; whether it is done shows when the mirror follows
      if (hasCode(thrown, 'KV_BROKEN') && full.test(messageOf(thrown))) throw fail('SWARM_FULL');
      if (hasCode(thrown, 'KV_BROKEN'))
        throw electing.test(messageOf(thrown))
          ? fail('SWARM_NO_LEADER')
          : fail('SWARM_UNAVAILABLE', messageOf(thrown));
      throw thrown;
    }
  }

  /** Resolves when the mirror has that turn. Throws SWARM_DEADLINE. */
  async #reaches(turn: number): Promise<void> {
    const end = performance.now() + following;
    while (this.#turn < turn) {
      const left = end - performance.now();
      if (left <= 0) throw fail('SWARM_DEADLINE');
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, left);
      this.#moved.add(resolve);
      await promise;
      clearTimeout(timer);
      this.#moved.delete(resolve);
    }
  }

  async #follow(watch: AsyncIterable<Snapshot | Changes>, read: () => void): Promise<void> {
    for await (const item of watch) {
      try {
        if (item.kind === 'snapshot') this.#replace(item);
        else this.#arrive(item);
        read();
      } catch (error) {
        this.#options.logger.error('the state of the swarm cannot be read', { error });
      }
      for (const resolve of this.#moved) resolve();
    }
  }

  #replace({ entries, revision }: Snapshot): void {
    const changes = [...removedBetween(this.view, entries), ...this.#read(entries)];
    this.#notice(entries, []);
    this.#took(changes, revision);
  }

  /** What this manager has written itself is in the mirror already. */
  #arrive({ put, removed, revision }: Changes): void {
    const fresh = put.filter((entry) => entry.revision > this.view.revision);
    const gone = removed.flatMap((key) => {
      const place = placeOf(key);
      return place && this.view.get(place.table, place.id)
        ? [{ table: place.table, remove: place.id } as SwarmChange]
        : [];
    });
    const changes = [...gone, ...this.#read(fresh)];
    this.#notice(put, removed);
    this.#took(changes, revision);
  }

  #read(entries: readonly Entry[]): readonly SwarmChange[] {
    const changes = entries.flatMap((entry) => changeOf(this.#options.seal, entry) ?? []);
    return sharing(changes, this.view);
  }

  #notice(entries: readonly Entry[], removed: readonly string[]): void {
    for (const { key, value, revision } of entries) {
      if (key === turnKey) this.#turn = Math.max(this.#turn, revision);
      if (key === leaderKey && revision > (this.#leader?.revision ?? 0))
        this.#leader = { id: this.#options.seal.open(leaderKey, value), revision };
    }
    if (removed.includes(leaderKey)) this.#leader = undefined;
  }

  #took(changes: readonly SwarmChange[], revision: number): void {
    if (revision < this.view.revision) return;
    const before = this.#options.memory.apply(changes, revision);
    if (changes.length === 0) return;
    if (work.hasSubscribers) work.publish(undefined);
    for (const listener of this.#listeners) listener(changes, before);
  }
}
