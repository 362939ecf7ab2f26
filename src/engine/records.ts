/** The records of the model: changed in memory at once, on disk before the promise resolves. */
import { setImmediate } from 'node:timers/promises';
import { affected, type Scopes } from '../affected/affected.ts';
import { hasCode, messageOf } from '../errors.ts';
import { Model } from '../model/memory.ts';
import { overlay } from '../model/overlay.ts';
import { type Committed, type SharedChange, type SharedStore, sharedChanges } from '../model/shared.ts';
import { type Change, keyOf, type View } from '../model/tables.ts';
import { takeBack, takeBackUnwritten } from '../model/take-back.ts';
import { changesOf, type Decision, type Transition } from '../model/transition.ts';
import { type DeriveOptions, deriveNames } from '../names/derive.ts';
import type { Retries } from '../reconcile/retries.ts';
import { StoreConflict } from '../store/conflict.ts';
import type { Reserve } from '../store/reserve.ts';
import type { Store } from '../store/store.ts';
import { type Batch, Owed } from './owed.ts';

/** The changes that undo a commit, in view of what has happened since. */
export type TakenBack = () => readonly Change[];

/** Changes that memory has. */
interface Begun {
  readonly changes: readonly Change[];
  readonly inverse: readonly Change[];
  readonly batch: Batch;
  readonly takenBack: TakenBack;
  /** What takes it back where it was not written. */
  readonly unwritten: TakenBack;
}

/** What a transition has decided in the end, and what takes it back. */
export interface Made<D> {
  readonly decided: D;
  readonly takenBack: TakenBack;
  /** Entries of the outbox that came with it: they are due once the kernel has followed. */
  readonly owed: readonly string[];
}

export interface Records {
  readonly view: Model;
  /**
   * Run the transition on the records as they are and make its changes, nothing in between. Where another writer
   * was first it is run again, a few times. What it throws is thrown, and nothing is changed. Where the disk refuses,
   * memory is as it was, and STORE_NOT_WRITTEN is thrown. What others have changed until `takenBack` is called stays.
   */
  transact<D extends Decision>(transition: Transition<D>): Promise<Made<D>>;
  /**
   * As `transact`, for what has happened, or must happen, whatever the disk says: an exit, a health check, a
   * removal. Where the disk refuses, memory keeps it, and it is written when there is room. `applied` is called as
   * soon as memory has it.
   */
  keep<D extends Decision>(transition: Transition<D>, applied?: (decided: D) => void): Promise<Made<D>>;
  /** Derives again what the resolver sees of all sandboxes: the settings may have changed since the last start. */
  deriveAgain(): Promise<void>;
  /** Be told of scopes that other writers have changed. */
  onArrival(listener: (scopes: Scopes) => void): void;
  /** What others have written is brought in: it is true whatever the disk says. */
  arrive(changes: readonly Change[]): Promise<void>;
  /** As `arrive`, for a caller that follows the scopes itself: listeners are not told. */
  bring(changes: readonly Change[]): Promise<Scopes>;
  /** Writes what is owed, if anything is. Throws STORE_NOT_WRITTEN. */
  writeOwed(): Promise<void>;
}

export interface RecordsOptions extends DeriveOptions {
  readonly retries: Pick<Retries, 'failed' | 'succeeded'>;
  /** Room that is given up for what must be recorded. */
  readonly reserve?: Pick<Reserve, 'release' | 'refill'>;
  /** The disk has something new. */
  readonly written?: () => void;
  /** What the changes mean for the outbox (`model/outbox.ts`): it is part of the same commit. */
  readonly owedBy?: (view: View, changes: readonly Change[]) => readonly Change[];
  /** What keeps the records that this host shares with others; it is asked for each time. */
  readonly shared?: () => SharedStore;
  /** The store can be written no more: the engine is to end. */
  readonly panicked?: (error: unknown) => void;
}

const subject = { key: 'store', name: 'store' };
/** So often a transition is run where other writers are first. */
const mostTries = 10;

export const createRecords = (model: Model, store: Store, options: RecordsOptions): Records =>
  new StoredRecords(model, store, options);

interface Running<D> {
  /** Memory keeps the changes where the disk refuses. */
  readonly kept: boolean;
  readonly applied?: ((decided: D) => void) | undefined;
}

class StoredRecords implements Records {
  readonly view: Model;
  readonly #store: Store;
  readonly #options: RecordsOptions;
  readonly #owed: Owed;
  readonly #listeners = new Set<(scopes: Scopes) => void>();

  constructor(model: Model, store: Store, options: RecordsOptions) {
    this.view = model;
    this.#store = store;
    this.#options = options;
    this.#owed = new Owed(model);
  }

  transact<D extends Decision>(transition: Transition<D>): Promise<Made<D>> {
    return this.#run(transition, { kept: false });
  }

  keep<D extends Decision>(transition: Transition<D>, applied?: (decided: D) => void): Promise<Made<D>> {
    return this.#run(transition, { kept: true, applied });
  }

  async deriveAgain(): Promise<void> {
    const { view } = this;
    const sandboxes = Array.from(view.all('sandboxes'), (put): Change => ({ table: 'sandboxes', put }));
    const names = deriveNames(new Model(view.drivers), view, sandboxes, this.#options);
    await this.#write({ changes: [], names }, () => true).catch((error) => this.#later(error));
  }

  onArrival(listener: (scopes: Scopes) => void): void {
    this.#listeners.add(listener);
  }

  async writeOwed(): Promise<void> {
    if (this.#owed.isEmpty()) return;
    try {
      await this.#write({ changes: [], names: { sandboxes: [], names: [] } }, () => false);
    } catch (error) {
      this.#later(error);
      throw error;
    }
  }

  async #run<D extends Decision>(transition: Transition<D>, { kept, applied }: Running<D>): Promise<Made<D>> {
    for (let attempt = 1; ; attempt++) {
      const decided = this.#decide(transition, attempt);
      const own = changesOf(decided);
      if (own.length === 0) return { decided, takenBack: () => [], owed: [] };
      // first: what is kept for an endpoint in preparation must not be freed once the endpoint has it
      const outbox = this.#options.owedBy?.(this.view, own) ?? [];
      const owed = outbox.flatMap((one) => ('put' in one && one.table === 'outbox' ? [one.put.id] : []));
      const shared = this.#options.shared ? sharedChanges(this.view, own) : [];
      const begun = this.#begin([...outbox, ...own]);
      applied?.(decided);
      const isTriedAgain = (error: unknown): boolean => error instanceof StoreConflict && attempt < mostTries;
      const sharing = await this.#share(begun, shared, isTriedAgain);
      if (!sharing) continue;
      const { batch, committed } = sharing;
      const { takenBack, unwritten } = begun;
      try {
        await this.#write(batch, (error) => kept && !isTriedAgain(error));
        committed?.written();
        return { decided, takenBack, owed };
      } catch (error) {
        if (kept && !isTriedAgain(error)) {
          this.#later(error);
          committed?.written();
          return { decided, takenBack, owed };
        }
        this.view.apply(unwritten());
        committed?.lost();
        if (error instanceof StoreConflict)
          this.#tell(this.#affected(error.others, this.view.apply(error.others)));
        if (!isTriedAgain(error)) throw error;
      }
    }
  }

  /** Where other hosts were first, addresses are drawn further and further apart. */
  #decide<D extends Decision>(transition: Transition<D>, attempt: number): D {
    const { leases } = this.view;
    leases.skip = attempt === 1 ? 0 : Math.floor(Math.random() * 2 ** Math.min(attempt, 6));
    try {
      return transition(this.view);
    } finally {
      leases.skip = 0;
    }
  }

  /** What is to be written here, once all hosts have it; undefined: another host was first, and it is to be tried again. */
  async #share(
    { changes, inverse, batch, unwritten }: Begun,
    shared: readonly SharedChange[],
    isTriedAgain: (error: unknown) => boolean,
  ): Promise<{ readonly batch: Batch; readonly committed?: Committed } | undefined> {
    const store = this.#options.shared?.();
    if (shared.length === 0 || !store) return { batch };
    try {
      const committed = await store.commit(shared);
      const { gained } = committed;
      const now = this.#asNow([...changes, ...gained], [...this.view.apply(gained), ...inverse]);
      return { batch: now, committed };
    } catch (error) {
      this.view.apply(unwritten());
      if (error instanceof StoreConflict) await this.arrive(error.others);
      if (!isTriedAgain(error)) throw error;
      return undefined;
    }
  }

  #begin(changes: readonly Change[]): Begun {
    const { view } = this;
    const inverse = view.apply(changes);
    const names = deriveNames(overlay(view, inverse), view, changes, this.#options);
    return {
      ...{ changes, inverse, batch: { changes, names } },
      takenBack: () => takeBack(view, changes, inverse),
      unwritten: () => takeBackUnwritten(view, changes, inverse),
    };
  }

  /** Others have been written meanwhile: never an older state over a newer one. */
  #asNow(changes: readonly Change[], inverse: readonly Change[]): Batch {
    const { view } = this;
    const names = deriveNames(overlay(view, inverse), view, changes, this.#options);
    const now = changes.map((change): Change => {
      const key = 'remove' in change ? change.remove : keyOf(change.table, change.put);
      const put = view.get(change.table, key);
      return (put ? { table: change.table, put } : { table: change.table, remove: key }) as Change;
    });
    return { changes: now, names };
  }

  /** What is owed goes first. `kept`: whether this too is owed after such an error. */
  async #write(batch: Batch, kept: (error: unknown) => boolean): Promise<void> {
    const { changes, names } = batch;
    const first = this.#owed.take();
    try {
      await this.#store.commit([...first.changes, ...changes], {
        sandboxes: [...first.names.sandboxes, ...names.sandboxes],
        names: [...first.names.names, ...names.names],
      });
    } catch (error) {
      this.#owed.add(kept(error) ? [first, batch] : [first]);
      if (hasCode(error, 'STORE_PANIC')) this.#options.panicked?.(error);
      const isRoomMade =
        hasCode(error, 'STORE_NOT_WRITTEN') && kept(error) && this.#options.reserve?.release() === true;
      if (!isRoomMade) throw error;
      // those that failed with it, the last first, are owed by then
      await setImmediate();
      return this.#write({ changes: [], names: { sandboxes: [], names: [] } }, () => false);
    }
    this.#options.written?.();
    if (!this.#owed.isEmpty()) return;
    this.#options.retries.succeeded(subject.key);
    this.#options.reserve?.refill();
  }

  #later(error: unknown): void {
    const why = new Error(`${messageOf(error)} (kept in memory until there is room)`);
    this.#options.retries.failed(subject, why, () => this.writeOwed());
  }

  async arrive(changes: readonly Change[]): Promise<void> {
    this.#tell(await this.bring(changes));
  }

  async bring(changes: readonly Change[]): Promise<Scopes> {
    const { inverse, batch } = this.#begin(changes);
    await this.#write(batch, () => true).catch((error) => this.#later(error));
    return this.#affected(changes, inverse);
  }

  /** What these changes affect, which are in memory already. */
  #affected(others: readonly Change[], inverse: readonly Change[]): Scopes {
    const { view } = this;
    return affected({ before: overlay(view, inverse), after: view }, others);
  }

  #tell(scopes: Scopes): void {
    for (const listener of this.#listeners) listener(scopes);
  }
}
