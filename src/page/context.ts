/** The store and the engine, for all parts of the page. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { Engine } from './engine.ts';
import { chooseEnd } from './explaining.ts';
import type { Choice } from './look-up.ts';
import { type State, Store, useStore } from './store.ts';

export interface Page {
  readonly store: Store;
  readonly engine: Engine;
}

export const PageContext = createContext<Page>({ store: new Store(), engine: new Engine('') });

/** For parts that are told what they show. */
export const usePageParts = (): Page => useContext(PageContext);

export function usePage(): Page & { readonly state: State } {
  const page = usePageParts();
  return { ...page, state: useStore(page.store) };
}

/** While an explanation is asked for, what is chosen is an end of it; else it is looked at. */
export function choose({ store, engine }: Page, choice: Choice, from: 'map' | 'list'): void {
  if (store.state.panel === 'explain') {
    chooseEnd(store, engine, choice);
    if (store.state.ends.length === 2) store.set({ view: 'panel' });
    return;
  }
  store.set({ choice, panel: 'details', view: from === 'list' ? store.state.view : 'panel' });
}
