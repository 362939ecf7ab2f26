/** The records of the model: changed in memory at once, on disk before the promise resolves. */
import { Model } from '../model/memory.ts';
import { overlay } from '../model/overlay.ts';
import type { Change } from '../model/tables.ts';
import { takeBack } from '../model/take-back.ts';
import { type DeriveOptions, deriveNames } from '../names/derive.ts';
import type { Store } from '../store/store.ts';

/** The changes that undo a commit, in view of what has happened since. */
export type TakenBack = () => readonly Change[];

export interface Records {
  readonly view: Model;
  /**
   * Make the changes; resolves with what takes them back, to be asked for when it is needed: what others have
   * changed by then stays. Where the disk refuses, memory is as it was.
   */
  commit(changes: readonly Change[]): Promise<TakenBack>;
  /** What the resolver sees of all sandboxes, anew: at the last start the settings may have been others. */
  deriveAgain(): Promise<void>;
}

export function createRecords(model: Model, store: Store, options: DeriveOptions): Records {
  return {
    view: model,
    async commit(changes) {
      if (changes.length === 0) return () => [];
      const inverse = model.apply(changes);
      const takenBack = (): readonly Change[] => takeBack(model, changes, inverse);
      try {
        await store.commit(changes, deriveNames(overlay(model, inverse), model, changes, options));
      } catch (error) {
        model.apply(takenBack());
        throw error;
      }
      return takenBack;
    },
    async deriveAgain() {
      const sandboxes = Array.from(model.all('sandboxes'), (put): Change => ({ table: 'sandboxes', put }));
      await store.commit([], deriveNames(new Model(model.drivers), model, sandboxes, options));
    },
  };
}
