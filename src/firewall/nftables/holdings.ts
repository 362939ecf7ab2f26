/**
 * What the engine's table holds, by record. A change counts the elements of records that came and went, so that its
 * cost does not grow with the others; several records may need the same element.
 */
import { notIn } from '../once.ts';
import type { Group } from './elements.ts';
import { type Element, elementText } from './sets.ts';

export interface HoldingsChange {
  readonly add: readonly Element[];
  readonly remove: readonly Element[];
  /** What the table holds once they are applied. */
  readonly after: readonly Group[];
}

interface Count {
  readonly element: Element;
  readonly count: number;
}

const idOf = (element: Element): string => `${element.set} ${elementText(element)}`;

export class Holdings {
  #groups: readonly Group[] = [];
  readonly #counts = new Map<string, Count>();

  /** The difference from what is held. Changes nothing. */
  compare(groups: readonly Group[]): HoldingsChange {
    const steps = new Map<string, { readonly element: Element; step: number }>();
    const note = (some: readonly Group[], by: number): void => {
      for (const element of some.flat()) {
        const id = idOf(element);
        const known = steps.get(id);
        if (known) known.step += by;
        else steps.set(id, { element, step: by });
      }
    };
    note(notIn(groups, this.#groups), 1);
    note(notIn(this.#groups, groups), -1);
    const [add, remove]: [Element[], Element[]] = [[], []];
    for (const [id, { element, step }] of steps) {
      const before = this.#counts.get(id)?.count ?? 0;
      if (before === 0 && step > 0) add.push(element);
      if (before > 0 && before + step <= 0) remove.push(element);
    }
    return { add, remove, after: groups };
  }

  /** Holds these from now on. */
  hold(groups: readonly Group[]): void {
    const count = (some: readonly Group[], by: number): void => {
      for (const element of some.flat()) {
        const id = idOf(element);
        const after = (this.#counts.get(id)?.count ?? 0) + by;
        if (after > 0) this.#counts.set(id, { element, count: after });
        else this.#counts.delete(id);
      }
    };
    // in this order nothing that stays is counted down to none
    const gone = notIn(this.#groups, groups);
    count(notIn(groups, this.#groups), 1);
    count(gone, -1);
    this.#groups = groups;
  }

  elements(): readonly Element[] {
    return Array.from(this.#counts.values(), ({ element }) => element);
  }
}
