/** The page as a whole. */
import { useMemo, useState } from 'preact/hooks';
import { usePage } from './context.ts';
import { Details } from './details.tsx';
import { EventsPanel } from './events-panel.tsx';
import { ExplainPanel } from './explain-panel.tsx';
import { List } from './list.tsx';
import type { Picture } from './look-up.ts';
import { MapView } from './map-view.tsx';
import type { Panel, View } from './store.ts';
import { applyTheme, storedTheme, type Theme, themes } from './theme.ts';
import { TroublesPanel } from './troubles-panel.tsx';

export function App() {
  const { state } = usePage();
  const { picture, connection, problem, shown, choice } = state;
  // not drawn again with each reading of counters
  const list = useMemo(
    () => picture && <List picture={picture} shown={shown} chosen={choice} />,
    [picture, shown, choice],
  );
  if (connection === 'ended' || !picture)
    return (
      <main class="alone">
        <h1>Seaway</h1>
        <p role="status">{connection === 'connecting' ? 'Asking the engine …' : problem}</p>
        {connection === 'ended' && (
          <p>
            <code>seaway ui</code> gives a link to this page.
          </p>
        )}
      </main>
    );
  return (
    <div class="page" data-view={state.view}>
      <Top picture={picture} />
      <nav aria-label="Networks and what is on them">
        <Search />
        {list}
      </nav>
      <main aria-label="Map">
        <MapView picture={picture} />
      </main>
      <aside aria-label="Details">
        <Panels picture={picture} />
      </aside>
      <Views />
    </div>
  );
}

function Top({ picture }: { readonly picture: Picture }) {
  const { state } = usePage();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const choose = (next: Theme): void => {
    applyTheme(next);
    setTheme(next);
  };
  const isLive = state.connection === 'live';
  return (
    <header>
      <h1>Seaway</h1>
      <span class="host-name">{picture.Host.Name}</span>
      <span class={`status ${state.connection}`} role="status">
        {isLive ? 'live' : `${state.problem || 'lost'}: trying again`}
      </span>
      {state.mayWrite && <span class="tag write">may change things</span>}
      <label class="theme">
        <span class="hidden">Colours</span>
        <select value={theme} onChange={(event) => choose(event.currentTarget.value as Theme)}>
          {themes.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
    </header>
  );
}

function Search() {
  const { store, state } = usePage();
  const { shown } = state;
  return (
    <div class="search">
      <label>
        <span class="hidden">Name, address, image or port</span>
        <input
          type="search"
          placeholder="Name, address, image, port"
          value={shown.search}
          onInput={(event) => store.set({ shown: { ...shown, search: event.currentTarget.value.trim() } })}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={shown.stopped}
          onChange={(event) => store.set({ shown: { ...shown, stopped: event.currentTarget.checked } })}
        />{' '}
        also what does not run
      </label>
    </div>
  );
}

const panels: Readonly<Record<Panel, string>> = {
  details: 'Details',
  explain: 'Explain',
  events: 'Events',
  troubles: 'Troubles',
};

function Panels({ picture }: { readonly picture: Picture }) {
  const { store, state } = usePage();
  const count = picture.Troubles.length;
  return (
    <>
      <fieldset class="tabs" aria-label="Panels">
        {(Object.keys(panels) as Panel[]).map((panel) => (
          <button
            type="button"
            key={panel}
            aria-pressed={state.panel === panel}
            onClick={() => store.set({ panel })}
          >
            {panels[panel]}
            {panel === 'troubles' && count > 0 && <span class="count">{count}</span>}
          </button>
        ))}
      </fieldset>
      <div class="panel">
        {state.panel === 'details' && <Details picture={picture} />}
        {state.panel === 'explain' && <ExplainPanel picture={picture} />}
        {state.panel === 'events' && <EventsPanel picture={picture} />}
        {state.panel === 'troubles' && <TroublesPanel picture={picture} />}
      </div>
    </>
  );
}

const views: Readonly<Record<View, string>> = { map: 'Map', list: 'List', panel: 'Details' };

/** Of a narrow window. */
function Views() {
  const { store, state } = usePage();
  return (
    <footer class="views">
      {(Object.keys(views) as View[]).map((view) => (
        <button
          type="button"
          key={view}
          aria-pressed={state.view === view}
          onClick={() => store.set({ view })}
        >
          {views[view]}
        </button>
      ))}
    </footer>
  );
}
