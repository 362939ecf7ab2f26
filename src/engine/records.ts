/** The records of the model: changed in memory at once, on disk before the promise resolves. */
import type { Model } from '../model/memory.ts';
import { overlay } from '../model/overlay.ts';
import type { Change } from '../model/tables.ts';
import { deriveNames } from '../names/derive.ts';
import type { Store } from '../store/store.ts';

export interface Records {
  readonly view: Model;
  /** Make the changes; resolves with those that take them back. */
  commit(changes: readonly Change[]): Promise<readonly Change[]>;
}

export function createRecords(model: Model, store: Store): Records {
  return {
    view: model,
    async commit(changes) {
      if (changes.length === 0) return [];
      const undo = model.apply(changes);
      await store.commit(changes, deriveNames(overlay(model, undo), model, changes));
      return undo;
    },
  };
}
