/** What acts, by kind. Everything here is idempotent. */
import type { Desired, Difference, Observed } from '../../objects/kind.ts';
import type { ObjectKind } from '../../objects/object.ts';
import type { Place } from '../place.ts';

export interface Change<K extends ObjectKind> {
  readonly object: Desired<K>;
  readonly observed: Observed<K>;
  readonly differences: readonly Difference[];
}

export interface Applier<K extends ObjectKind> {
  make(object: Desired<K>, place: Place): void;
  /** Only called for differences that can be changed in place. */
  change(change: Change<K>, place: Place): void;
  remove(observed: Observed<K>, place: Place): Promise<void> | void;
}
