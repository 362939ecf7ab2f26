import { render } from 'preact';
import { App } from './app.tsx';
import { PageContext } from './context.ts';
import { Engine, takeToken } from './engine.ts';
import { goLive } from './live.ts';
import { Store } from './store.ts';
import { applyTheme, storedTheme } from './theme.ts';

const place = document.getElementById('page');
if (place) {
  applyTheme(storedTheme());
  const store = new Store();
  const token = takeToken();
  const engine = new Engine(token);
  // another link was opened in this tab
  window.addEventListener('hashchange', () => location.reload());
  if (token === '') store.set({ connection: 'ended', problem: 'This page needs a link with a token.' });
  else goLive(store, engine);
  render(
    <PageContext.Provider value={{ store, engine }}>
      <App />
    </PageContext.Provider>,
    place,
  );
}
