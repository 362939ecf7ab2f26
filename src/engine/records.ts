/** The records of the model: changed in memory at once, on disk before the promise resolves. */
import type { Model } from '../model/memory.ts';
import { overlay } from '../model/overlay.ts';
import type { Change } from '../model/tables.ts';
import { takeBack } from '../model/take-back.ts';
import { deriveNames } from '../names/derive.ts';
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
}

export function createRecords(model: Model, store: Store): Records {
  return {
    view: model,
    async commit(changes) {
      if (changes.length === 0) return () => [];
      const inverse = model.apply(changes);
      const takenBack = (): readonly Change[] => takeBack(model, changes, inverse);
      try {
        await store.commit(changes, deriveNames(overlay(model, inverse), model, changes));
      } catch (error) {
        model.apply(takenBack());
        throw error;
      }
      return takenBack;
    },
  };
}
