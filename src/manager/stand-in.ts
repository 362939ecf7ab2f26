/**
 * etcd outlives the engine: where it leads on a host whose engine has ended, another manager leads the swarm in its place until that
 * one is back, or etcd elects.
 */
import type { Acknowledging } from './acknowledging.ts';
import type { Leader } from './leader.ts';
import type { ManagerStore } from './store.ts';

export interface StandInOptions {
  readonly store: Pick<ManagerStore, 'leader' | 'view'>;
  readonly leader: Pick<Leader, 'isLeading'>;
  readonly acknowledging: Pick<Acknowledging, 'isTelling'>;
  readonly managerId: string;
}

/** Looks, a second each: until the leader counts as gone, and between the turns of managers. */
const [patience, turn] = [3, 2];

export class StandIn {
  readonly #options: StandInOptions;
  #silent = 0;

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  /** Asked at each look of a manager whose member of etcd does not lead, while another one does. */
  isNeeded(): boolean {
    const { store, leader, acknowledging, managerId } = this.#options;
    // the one that is to lead takes the lead itself
    if (store.leader === managerId) return leader.isLeading;
    this.#silent = acknowledging.isTelling ? 0 : this.#silent + 1;
    return this.#silent > patience + turn * this.#place();
  }

  /** Among the managers that could; they do not try at the same time. */
  #place(): number {
    const { store, managerId } = this.#options;
    const ids = Array.from(store.view.all('nodes')).flatMap(({ id, manager }) =>
      manager && id !== store.leader ? [id] : [],
    );
    return ids.toSorted().indexOf(managerId);
  }
}
