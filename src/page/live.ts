/** Keeps the store as the engine is: its picture and events as they change, its counters while somebody looks. */
import type { MapTraffic, NetworkMap } from '#client/map-answers.ts';
import { CallError, type Engine } from './engine.ts';
import { isThere, pictureOf } from './look-up.ts';
import { ratesOf } from './rates.ts';
import type { EventLine, Store } from './store.ts';

/** Milliseconds between readings of counters, and before a lost connection is tried again. */
const readingEvery = 2_000;
const againAfter = 1_000;
/** Events that are shown. */
const keptEvents = 300;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export function goLive(store: Store, engine: Engine): void {
  void engine.get<{ Write: boolean }>('/session').then(
    ({ Write }) => store.set({ mayWrite: Write }),
    () => undefined,
  );
  void keep(store, () => followPicture(store, engine));
  void keep(store, () => followEvents(store, engine));
  void readTraffic(store, engine);
}

/** Again and again, until the link has ended. */
async function keep(store: Store, follow: () => Promise<void>): Promise<void> {
  while (!hasEnded(store)) {
    const problem = await follow().then(
      () => 'the engine has closed the connection',
      (error: unknown) => problemOf(store, error),
    );
    if (!hasEnded(store)) store.set({ connection: 'lost', problem });
    await pause(againAfter);
  }
}

const hasEnded = ({ state }: Store): boolean => state.connection === 'ended';

function problemOf(store: Store, error: unknown): string {
  const problem = error instanceof Error ? error.message : String(error);
  if (error instanceof CallError && error.status === 401) store.set({ connection: 'ended', problem });
  return problem;
}

async function followPicture(store: Store, engine: Engine): Promise<void> {
  const { signal } = new AbortController();
  for await (const map of engine.lines<NetworkMap>('/seaway/map', { query: { follow: '1' }, signal })) {
    const picture = pictureOf(map);
    const { choice } = store.state;
    const isGone = choice !== undefined && !isThere(picture, choice);
    store.set({ picture, connection: 'live', problem: '', ...(isGone && { choice: undefined }) });
  }
}

async function followEvents(store: Store, engine: Engine): Promise<void> {
  const { signal } = new AbortController();
  const [last] = store.state.events;
  // the ones that came meanwhile, too
  const since = last ? String((last.timeNano + 1000) / 1e9) : '0';
  // health checks would hide all others
  for await (const event of engine.lines<EventLine>('/events', { query: { since }, signal }))
    if (!event.Action.startsWith('exec_'))
      store.set({ events: [event, ...store.state.events].slice(0, keptEvents) });
}

async function readTraffic(store: Store, engine: Engine): Promise<void> {
  for (;;) {
    if (hasEnded(store)) return;
    if (!document.hidden && store.state.connection === 'live') {
      const traffic = await engine.get<MapTraffic>('/seaway/map/traffic').catch(() => undefined);
      const before = store.state.traffic;
      if (traffic) store.set({ traffic, rates: before ? ratesOf(before, traffic) : new Map() });
    }
    await pause(readingEvery);
  }
}
