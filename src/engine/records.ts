/** The records of the model: changed in memory at once, on disk before the promise resolves. */
import { messageOf } from '../errors.ts';
import { Model } from '../model/memory.ts';
import { overlay } from '../model/overlay.ts';
import type { Change } from '../model/tables.ts';
import { takeBack } from '../model/take-back.ts';
import { type DeriveOptions, deriveNames } from '../names/derive.ts';
import type { Retries } from '../reconcile/retries.ts';
import type { Store } from '../store/store.ts';
import { type Batch, Owed } from './owed.ts';

/** The changes that undo a commit, in view of what has happened since. */
export type TakenBack = () => readonly Change[];

export interface Records {
  readonly view: Model;
  /**
   * Make the changes; resolves with what takes them back, to be asked for when it is needed: what others have
   * changed by then stays. Where the disk refuses, memory is as it was, and STORE_NOT_WRITTEN is thrown.
   */
  commit(changes: readonly Change[]): Promise<TakenBack>;
  /**
   * As `commit`, for what has happened, or must happen, whatever the disk says: an exit, a health check, a
   * removal. Where the disk refuses, memory keeps it, and it is written when there is room.
   */
  keep(changes: readonly Change[]): Promise<TakenBack>;
  /** What the resolver sees of all sandboxes, anew: at the last start the settings may have been others. */
  deriveAgain(): Promise<void>;
  /** Writes what is owed, if anything is. Throws STORE_NOT_WRITTEN. */
  settle(): Promise<void>;
}

export interface RecordsOptions extends DeriveOptions {
  readonly retries: Pick<Retries, 'failed' | 'succeeded'>;
  /** The disk has something new. */
  readonly written?: () => void;
}

const subject = { key: 'store', name: 'store' };

export function createRecords(model: Model, store: Store, options: RecordsOptions): Records {
  const owed = new Owed(model);

  /** What is owed goes first. `kept`: this too is owed where it fails. */
  async function write(batch: Batch, { kept }: { readonly kept: boolean }): Promise<void> {
    const { changes, names } = batch;
    const first = owed.take();
    try {
      await store.commit([...first.changes, ...changes], {
        sandboxes: [...first.names.sandboxes, ...names.sandboxes],
        names: [...first.names.names, ...names.names],
      });
    } catch (error) {
      owed.add(kept ? [first, batch] : [first]);
      throw error;
    }
    options.written?.();
    if (owed.isEmpty()) options.retries.succeeded(subject.key);
  }

  async function settle(): Promise<void> {
    if (owed.isEmpty()) return;
    try {
      await write({ changes: [], names: { sandboxes: [], names: [] } }, { kept: false });
    } catch (error) {
      later(error);
      throw error;
    }
  }

  const later = (error: unknown): void =>
    options.retries.failed(
      subject,
      new Error(`${messageOf(error)} (kept in memory until there is room)`),
      settle,
    );

  const begin = (changes: readonly Change[]) => {
    const inverse = model.apply(changes);
    return {
      batch: { changes, names: deriveNames(overlay(model, inverse), model, changes, options) },
      takenBack: (): readonly Change[] => takeBack(model, changes, inverse),
    };
  };

  return {
    view: model,
    settle,
    async commit(changes) {
      if (changes.length === 0) return () => [];
      const { batch, takenBack } = begin(changes);
      try {
        await write(batch, { kept: false });
      } catch (error) {
        model.apply(takenBack());
        throw error;
      }
      return takenBack;
    },
    async keep(changes) {
      if (changes.length === 0) return () => [];
      const { batch, takenBack } = begin(changes);
      try {
        await write(batch, { kept: true });
      } catch (error) {
        later(error);
      }
      return takenBack;
    },
    async deriveAgain() {
      const sandboxes = Array.from(model.all('sandboxes'), (put): Change => ({ table: 'sandboxes', put }));
      const names = deriveNames(new Model(model.drivers), model, sandboxes, options);
      await write({ changes: [], names }, { kept: true }).catch(later);
    },
  };
}
