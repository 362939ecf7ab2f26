/**
 * Follows lists of keys by blocking queries. At a change Consul sends the whole list that was asked for; a long one is followed in
 * parts, each by a query of its own.
 */
import type { Following } from '../backend.ts';
import { type Attempt, limited, within } from '../deadline.ts';
import type { Feed } from '../feed.ts';
import type { HttpResponse, HttpServer } from '../http.ts';
import type { Entry, Range } from '../kv.ts';
import { kvLimits } from '../limits.ts';
import { NotReached, type Servers } from '../servers.ts';
import type { Keys } from './entries.ts';
import { longList, Part } from './part.ts';
import { blockOn, type Waited } from './watch.ts';

export type Asking = {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly json?: unknown;
  readonly doing: string;
  /** Asking another server does no harm. */
  readonly repeatable: boolean;
};

export type List = { readonly index: number; readonly entries: readonly Entry[] };

export interface ConsulWatchContext {
  readonly servers: Servers<HttpServer>;
  readonly keys: Keys;
  /** Beginnings of keys, such that each key has exactly one of them; may be none. */
  readonly parts: readonly string[];
  ask(server: HttpServer, asking: Asking, signal: AbortSignal): Promise<HttpResponse>;
  read(response: HttpResponse): Promise<List>;
  range(prefix: string, attempt: Attempt): Promise<Range>;
  /** The index of the whole store. */
  index(attempt: Attempt): Promise<number>;
}

type Blocking = { readonly path: string; readonly index: number; readonly signal: AbortSignal };
type ServerList = (server: HttpServer, signal: AbortSignal) => ReturnType<Waited>;
type Taking = { readonly feed: Feed; readonly attempt: Attempt; readonly before: number };

/** Milliseconds: parts that cannot be followed for longer are not followed again. */
const tooSoon = 10_000;
/** Milliseconds for the first answer of a server. */
const greeting = 1_500;

/** Seconds that a blocking query waits; Consul adds up to a sixteenth. Milliseconds until the response is overdue. */
const longestWait = 120;
const answered = (longestWait * 17_000) / 16 + 10_000;

const never = new AbortController().signal;

export class ConsulWatch {
  readonly #context: ConsulWatchContext;
  #parts: readonly string[];

  constructor(context: ConsulWatchContext) {
    this.#context = context;
    this.#parts = context.parts;
  }

  /** Feeds the state below a prefix and then its changes, until the server is lost. */
  async follow(prefix: string, feed: Feed, following: Following): Promise<void> {
    for (;;) {
      await this.#greet(following);
      const range = await within(`range ${prefix}`, this.#limits(following), (one) =>
        this.#context.range(prefix, one),
      );
      feed.state(range);
      following.reached();
      const isLong = prefix === '' && this.#parts.length > 0 && range.entries.length > longList;
      const began = performance.now();
      try {
        await (isLong
          ? this.#followParts(range, feed, following)
          : this.#followList(prefix, feed, following));
      } catch (thrown) {
        // it may be that so many connections are not allowed
        if (isLong && !following.signal.aborted && performance.now() - began < tooSoon) this.#parts = [];
        throw thrown;
      }
    }
  }

  /** Until the list gets long. */
  #followList(prefix: string, feed: Feed, following: Following): Promise<void> {
    // the first query returns at once, with the index of the list
    let index = 1;
    return this.#block(following, [
      async (server, signal) => {
        const { list, took } = await this.#changed(server, {
          path: this.#context.keys.below(prefix),
          index,
          signal,
        });
        await this.#take(list, { feed, attempt: this.#attempt(following), before: index });
        index = Math.max(1, list.index);
        const isLong = prefix === '' && this.#parts.length > 0 && list.entries.length > longList;
        return isLong ? undefined : took();
      },
    ]);
  }

  /** Until the store was restored. */
  #followParts({ entries }: Range, feed: Feed, following: Following): Promise<void> {
    const parts = this.#parts.map((begin) => new Part(begin, entries));
    return this.#block(
      following,
      parts.map((part) => async (server, signal) => {
        const { begin, index } = part;
        const { list, took } = await this.#changed(server, {
          path: this.#context.keys.path(begin),
          index,
          signal,
        });
        const whole =
          list.index < index ? await this.#context.index(this.#attempt(following)) : feed.revision;
        if (whole < feed.revision) return undefined;
        // a part that was read for an earlier state
        if (signal.aborted) return took();
        part.index = Math.max(1, list.index);
        feed.changes(part.changes(list.entries, Math.max(list.index, feed.revision)));
        return took();
      }),
    );
  }

  async #changed(server: HttpServer, { path, index, signal }: Blocking) {
    const asking: Asking = {
      ...{ method: 'GET', path: `${path}?recurse=true&index=${index}&wait=${longestWait}s` },
      ...{ doing: 'watch', repeatable: true },
    };
    const response = await limited({ signal, after: answered }, (one) =>
      this.#context.ask(server, asking, one),
    );
    const list = await this.#context.read(response);
    return { list, took: () => performance.now() - response.began };
  }

  #block({ signal }: Following, lists: readonly ServerList[]): Promise<void> {
    return this.#context.servers.ask(async (server) => {
      const alive = (over: AbortSignal): Promise<void> => this.#alive(server, over);
      await blockOn({ signal, alive, lists: lists.map((list) => (over) => list(server, over)) });
    });
  }

  /** A proxy may accept a connection and pass nothing on, so that a list is waited for only after a first answer. */
  #greet({ signal }: Following): Promise<void> {
    return this.#context.servers.ask((server) =>
      limited({ signal, after: greeting }, (over) => this.#alive(server, over)),
    );
  }

  async #alive(server: HttpServer, signal: AbortSignal): Promise<void> {
    const asking: Asking = { method: 'GET', path: '/v1/status/leader', doing: 'watch', repeatable: true };
    const { body } = await this.#context.ask(server, asking, signal);
    if (body.toString() === '""') throw new NotReached(new Error('No cluster leader'));
  }

  #attempt = (following: Following): Attempt => ({ ...following, left: () => kvLimits.deadline });

  /** The list's index goes back when Consul forgets deletions, and when the store was restored. */
  async #take({ index, entries }: List, { feed, attempt, before }: Taking): Promise<void> {
    const top = entries.reduce((most, { revision }) => Math.max(most, revision), index);
    const whole = index < before ? await this.#context.index(attempt) : Math.max(top, feed.revision);
    feed.state({ revision: whole, entries });
  }

  #limits({ signal }: Following) {
    return { store: 'consul', closing: never, signal };
  }
}
