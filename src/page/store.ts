/** What the page knows, and who is told when it changes. */
import { useEffect, useState } from 'preact/hooks';
import type { MapTraffic } from '#client/map-answers.ts';
import type { Examination, Explanation } from '#client/seaway-answers.ts';
import type { Choice, Picture } from './look-up.ts';
import type { Shown } from './members.ts';
import type { Rates } from './rates.ts';

export interface EventLine {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

export type Panel = 'details' | 'explain' | 'events' | 'troubles';
/** What a narrow window shows. */
export type View = 'map' | 'list' | 'panel';

export interface Question {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly protocol: string;
}

export interface State {
  /** `ended`: the link. */
  readonly connection: 'connecting' | 'live' | 'lost' | 'ended';
  readonly problem: string;
  readonly picture: Picture | undefined;
  readonly rates: Rates;
  readonly traffic: MapTraffic | undefined;
  readonly events: readonly EventLine[];
  readonly mayWrite: boolean;
  readonly choice: Choice | undefined;
  readonly panel: Panel;
  readonly view: View;
  readonly shown: Shown;
  readonly question: Question;
  readonly explanation: Explanation | 'asking' | { readonly problem: string } | undefined;
  /** Ends of the explanation on the map. */
  readonly ends: readonly Choice[];
  readonly examination: Examination | 'asking' | { readonly problem: string } | undefined;
}

export const emptyState: State = {
  connection: 'connecting',
  problem: '',
  picture: undefined,
  rates: new Map(),
  traffic: undefined,
  events: [],
  mayWrite: false,
  choice: undefined,
  panel: 'details',
  view: 'map',
  shown: { stopped: true, search: '' },
  question: { from: '', to: '', port: '', protocol: 'tcp' },
  explanation: undefined,
  ends: [],
  examination: undefined,
};

/** Changes that come together are drawn as one. */
export class Store {
  #state = emptyState;
  #isTold = false;
  readonly #listeners = new Set<() => void>();

  get state(): State {
    return this.#state;
  }

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#isTold) return;
    this.#isTold = true;
    setTimeout(() => {
      this.#isTold = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** The state, of which the component is drawn again after each change. */
export function useStore(store: Store): State {
  const [, redraw] = useState({});
  useEffect(() => store.listen(() => redraw({})), [store]);
  return store.state;
}
