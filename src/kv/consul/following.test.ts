import { afterEach, expect, it, vi } from 'vitest';
import { Feed } from '../feed.ts';
import type { HttpResponse, HttpServer } from '../http.ts';
import type { Entry } from '../kv.ts';
import { createServers, NotReached } from '../servers.ts';
import { Keys } from './entries.ts';
import { ConsulWatch, type List } from './following.ts';

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort(new Error('over'));
});

const entry = (key: string, revision: number): Entry => ({ key, value: '', revision });
const many = (count: number): Entry[] => Array.from({ length: count }, (_, i) => entry(`a/${i}`, 1));

/** A store whose lists are answered when `change` is called. */
function store(entries: Entry[], parts: readonly string[] = ['a/', 'b/']) {
  const asked: string[] = [];
  const waiting = new Map<string, () => void>();
  const state = { entries, index: 10, refuses: false, greetings: 0, silent: 0 };
  const stop = new AbortController();
  stops.push(stop);
  const listOf = (path: string): List => {
    const begin = path.replace('/v1/kv/x/', '');
    return { index: state.index, entries: state.entries.filter(({ key }) => key.startsWith(begin)) };
  };
  const greet = async (signal: AbortSignal): Promise<HttpResponse> => {
    state.greetings++;
    if (state.greetings <= state.silent)
      await new Promise<void>((_, reject) =>
        signal.addEventListener('abort', () => reject(new NotReached(signal.reason))),
      );
    return { body: Buffer.from('"leader"') } as unknown as HttpResponse;
  };
  const watch = new ConsulWatch({
    servers: createServers('consul', [{ host: 'h', port: 1 }], () => ({}) as HttpServer),
    ...{ keys: new Keys('x'), parts },
    ask: async (_server, { path }, signal) => {
      if (path === '/v1/status/leader') return greet(signal);
      const [list = '', index] = path.split(/\?recurse=true&index=/);
      asked.push(list);
      if (state.refuses) throw new Error('too many connections');
      if (!index?.startsWith('1&'))
        await new Promise<void>((resolve, reject) => {
          waiting.set(list, resolve);
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      return { began: performance.now(), path: list } as unknown as HttpResponse;
    },
    read: async (response) => listOf((response as unknown as { path: string }).path),
    range: async () => ({ revision: state.index, entries: state.entries }),
    index: async () => state.index,
  });
  const feed = new Feed();
  const follow = () =>
    watch.follow('', feed, { signal: stop.signal, left: () => 1000, reached: () => undefined });
  const change = (list: string) => waiting.get(`/v1/kv/x/${list}`)?.();
  const settle = () => vi.waitFor(() => expect(waiting.size).toBeGreaterThan(0));
  return { asked, state, feed, follow, change, settle, waiting };
}

const next = async (feed: Feed) => {
  for await (const one of feed) return one;
  return undefined;
};

it('a short list is asked for as a whole', async () => {
  const { asked, follow, settle } = store(many(5));
  follow().catch(() => undefined);
  await settle();
  expect(new Set(asked)).toEqual(new Set(['/v1/kv/x/']));
});

it('a server that takes a connection and is silent is away before a list is waited for', async () => {
  const { asked, follow, settle, state } = store(many(5));
  state.silent = 1;
  await expect(follow()).rejects.toThrow('i/o timeout');
  expect(asked).toEqual([]);
  follow().catch(() => undefined);
  await settle();
});

it('a long one in parts, and of a part what has changed is told', async () => {
  const { asked, follow, feed, state, change, waiting } = store([...many(600), entry('b/1', 1)]);
  follow().catch(() => undefined);
  expect(await next(feed)).toMatchObject({ kind: 'snapshot' });
  await vi.waitFor(() => expect(waiting.size).toBe(2));
  expect(new Set(asked)).toEqual(new Set(['/v1/kv/x/a/', '/v1/kv/x/b/']));
  state.entries = [...many(600), entry('b/2', 12)];
  state.index = 12;
  change('b/');
  expect(await next(feed)).toMatchObject({ kind: 'changes', put: [{ key: 'b/2' }], removed: ['b/1'] });
});

it('one that has grown long is followed in parts from then on', async () => {
  const { asked, follow, state, change, settle } = store(many(5));
  follow().catch(() => undefined);
  await settle();
  state.entries = many(600);
  state.index = 11;
  change('');
  await vi.waitFor(() => expect(asked).toContain('/v1/kv/x/b/'));
});

it('a store that was restored is read as a whole', async () => {
  const { follow, feed, state, change, waiting } = store(many(600));
  follow().catch(() => undefined);
  await next(feed);
  await vi.waitFor(() => expect(waiting.size).toBe(2));
  state.entries = many(550);
  state.index = 5;
  change('a/');
  expect(await next(feed)).toMatchObject({ kind: 'snapshot', revision: 5 });
});

it('is followed as a whole again where parts cannot be followed', async () => {
  const { asked, follow, state, settle } = store(many(600));
  state.refuses = true;
  await expect(follow()).rejects.toThrow('too many connections');
  state.refuses = false;
  asked.length = 0;
  follow().catch(() => undefined);
  await settle();
  expect(new Set(asked)).toEqual(new Set(['/v1/kv/x/']));
});
