/** Consul, by its HTTP API (1.8 and later). */
import { fail, messageOf } from '../../errors.ts';
import type { Backend, Following, Grant } from '../backend.ts';
import { type Attempt, limited } from '../deadline.ts';
import { isRefusal } from '../failure.ts';
import type { Feed } from '../feed.ts';
import { type HttpResponse, type HttpServer, openHttp } from '../http.ts';
import type { Entry, Range, Session, Transaction, TransactionResult } from '../kv.ts';
import { createServers, NotReached, type Servers } from '../servers.ts';
import type { KvSource } from '../source.ts';
import type { TlsMaterial } from '../tls.ts';
import { entriesOf, Keys, parse } from './entries.ts';
import { type Asking, ConsulWatch, type List } from './following.ts';
import { operationsOf, outcomeOf } from './transact.ts';

type Options = {
  readonly folder: string;
  /** Beginnings of keys, such that each key has exactly one of them. */
  readonly parts?: readonly string[];
  readonly tls?: TlsMaterial;
  readonly token?: string;
};

type Refusal = {
  readonly transaction: Transaction;
  readonly session: Session | undefined;
  readonly attempt: Attempt;
};
type Unbinding = { readonly transaction: Transaction; readonly revision: number; readonly attempt: Attempt };

/** Limits of a session's ttl in seconds. */
const [shortest, longest] = [10, 86_400];

/** Milliseconds for one server while there are others to try. */
const patience = 3_000;

function indexOf(header: string | undefined): number {
  if (header === undefined || !/^\d{1,15}$/.test(header)) throw new Error('an answer without an index');
  return Number(header);
}

export class Consul implements Backend {
  readonly store = 'consul';
  readonly #servers: Servers<HttpServer>;
  readonly #keys: Keys;
  readonly #watch: ConsulWatch;

  constructor({ addresses }: KvSource, { folder, parts = [], tls, token }: Options) {
    const headers: Record<string, string> = token === undefined ? {} : { 'x-consul-token': token };
    this.#servers = createServers(this.store, addresses, (address) =>
      openHttp(address, { headers, ...(tls && { tls }) }),
    );
    this.#keys = new Keys(folder);
    this.#watch = new ConsulWatch({
      ...{ servers: this.#servers, keys: this.#keys, parts },
      ask: (server, asking, signal) => this.#askOne(server, asking, { signal }),
      read: (response) => this.#listOf(response),
      range: (prefix, attempt) => this.range(prefix, attempt),
      index: (attempt) => this.#index(attempt),
    });
  }

  #ask(asking: Asking, attempt: Attempt): Promise<HttpResponse> {
    return this.#servers.ask((server, others) => {
      attempt.signal.throwIfAborted();
      if (others === 0) return this.#askOne(server, asking, attempt);
      return limited({ signal: attempt.signal, after: patience }, (signal) =>
        this.#askOne(server, asking, { signal }),
      );
    });
  }

  /** Status 200, 404 and 409 are left to the caller. */
  async #askOne(
    server: HttpServer,
    asking: Asking,
    { signal }: Pick<Attempt, 'signal'>,
  ): Promise<HttpResponse> {
    const { method, path, json, doing, repeatable } = asking;
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    let response: HttpResponse;
    try {
      response = await server.ask({ method, path, signal, ...body });
    } catch (thrown) {
      if (thrown instanceof NotReached) throw thrown;
      if (repeatable || isRefusal(thrown)) throw new NotReached(thrown);
      throw fail('KV_BROKEN', this.store, doing, messageOf(thrown));
    }
    const { status } = response;
    if (status === 200 || status === 404 || status === 409) return response;
    const text = response.body.toString('utf8', 0, 300).trim();
    if (status === 401 || status === 403) throw fail('KV_REFUSED', this.store, text);
    if (repeatable || text === 'No cluster leader')
      throw new NotReached(new Error(`HTTP ${status}: ${text}`));
    throw fail('KV_BROKEN', this.store, doing, `HTTP ${status}: ${text}`);
  }

  async range(prefix: string, attempt: Attempt): Promise<Range> {
    const revision = await this.#index(attempt);
    const { entries } = await this.#list(prefix, { attempt });
    return { revision: entries.reduce((most, entry) => Math.max(most, entry.revision), revision), entries };
  }

  /** `index` covers the listed keys; Consul forgets deletions after some minutes. */
  async #list(prefix: string, { attempt }: { readonly attempt: Attempt }): Promise<List> {
    const path = `${this.#keys.below(prefix)}?recurse=true&consistent=true`;
    return this.#listOf(
      await this.#ask({ method: 'GET', path, doing: `range ${prefix}`, repeatable: true }, attempt),
    );
  }

  async #listOf({ status, header, body }: HttpResponse): Promise<List> {
    return this.#understood('range', async () => ({
      index: indexOf(header('x-consul-index')),
      entries: status === 404 ? [] : await entriesOf(this.#keys, body),
    }));
  }

  async #understood<T>(doing: string, read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw fail('KV_BROKEN', this.store, doing, messageOf(thrown));
    }
  }

  /** The index of the whole store, which Consul reports for a missing key. */
  async #index(attempt: Attempt): Promise<number> {
    const path = `${this.#keys.path('=')}?consistent=true`;
    const { header } = await this.#ask({ method: 'GET', path, doing: 'range', repeatable: true }, attempt);
    return this.#understood('range', () => indexOf(header('x-consul-index')));
  }

  async transact(transaction: Transaction, attempt: Attempt): Promise<TransactionResult> {
    const session = transaction.put?.find((one) => one.session !== undefined)?.session;
    const json = operationsOf(this.#keys, transaction);
    const asking = { method: 'PUT', path: '/v1/txn', json, doing: 'transact', repeatable: false } as const;
    const { status, body } = await this.#ask(asking, attempt);
    const { results, errors } = await this.#understood('transact', () => outcomeOf(parse(body)));
    if (status !== 200 || errors.length > 0) return this.#refused(errors, { transaction, session, attempt });
    const put = results.filter(({ Key }) => transaction.put?.some(({ key }) => this.#keys.of(key) === Key));
    const revision = Math.max(0, ...put.map(({ ModifyIndex }) => ModifyIndex));
    const kept = put.filter(({ Key, Session }) => Session && !this.#isBound(transaction, Key));
    if (kept.length > 0)
      return this.#unbind(
        kept.map(({ Key }) => this.#keys.name(Key)),
        { transaction, revision, attempt },
      );
    return { ok: true, revision: revision > 0 ? revision : await this.#index(attempt) };
  }

  #isBound({ put = [] }: Transaction, key: string): boolean {
    return put.some((one) => one.session !== undefined && this.#keys.of(one.key) === key);
  }

  /** A plain put leaves a key bound in Consul, so the key is removed and put again. */
  async #unbind(
    kept: readonly string[],
    { transaction, revision, attempt }: Unbinding,
  ): Promise<TransactionResult> {
    const put = (transaction.put ?? []).filter((one) => one.session === undefined);
    const json = [
      ...put.map(({ key }) => ({ KV: { Verb: 'check-index', Key: this.#keys.of(key), Index: revision } })),
      ...operationsOf(this.#keys, { remove: kept, put }),
    ];
    const asking = { method: 'PUT', path: '/v1/txn', json, doing: 'transact', repeatable: false } as const;
    const { status, body } = await this.#ask(asking, attempt);
    const { results, errors } = await this.#understood('transact', () => outcomeOf(parse(body)));
    // another client changed it meanwhile: the original put was done before that
    if (status !== 200 || errors.length > 0) return { ok: true, revision };
    return { ok: true, revision: Math.max(revision, ...results.map(({ ModifyIndex }) => ModifyIndex)) };
  }

  /** A comparison failed, the session is gone, or the token lacks permission. */
  async #refused(
    errors: readonly string[],
    { transaction, session, attempt }: Refusal,
  ): Promise<TransactionResult> {
    const text = errors.join('; ');
    if (/permission denied/i.test(text)) throw fail('KV_REFUSED', this.store, text);
    if (session && /invalid session/i.test(text)) throw fail('KV_SESSION_LOST', this.store, session.id);
    const { compare = [] } = transaction;
    if (compare.length === 0) throw fail('KV_BROKEN', this.store, 'transact', text);
    const found = await Promise.all(compare.map(({ key }) => this.#read(key, attempt)));
    return { ok: false, others: found.flat() };
  }

  async #read(key: string, attempt: Attempt): Promise<readonly Entry[]> {
    const path = `${this.#keys.path(key)}?consistent=true`;
    const response = await this.#ask(
      { method: 'GET', path, doing: `read ${key}`, repeatable: true },
      attempt,
    );
    return (await this.#listOf(response)).entries;
  }

  follow(prefix: string, feed: Feed, following: Following): Promise<void> {
    return this.#watch.follow(prefix, feed, following);
  }

  async grant(ttl: number, attempt: Attempt): Promise<Grant> {
    const seconds = Math.min(longest, Math.max(shortest, Math.ceil(ttl / 1000)));
    const json = { Name: 'seaway', TTL: `${seconds}s`, Behavior: 'delete', LockDelay: '0s', NodeChecks: [] };
    const asking = { method: 'PUT', path: '/v1/session/create', json, doing: 'begin a session' } as const;
    const { body } = await this.#ask({ ...asking, repeatable: true }, attempt);
    const { ID } = await this.#understood(asking.doing, () => parse(body) as { ID?: unknown });
    if (typeof ID !== 'string') throw fail('KV_BROKEN', this.store, asking.doing, 'an answer without an ID');
    return {
      id: ID,
      ttl: seconds * 1000,
      renew: async (one) => (await this.#session('renew', { id: ID, attempt: one })).status === 200,
      end: async (one) => void (await this.#session('destroy', { id: ID, attempt: one })),
    };
  }

  #session(verb: 'renew' | 'destroy', { id, attempt }: { readonly id: string; readonly attempt: Attempt }) {
    const asking = { method: 'PUT', path: `/v1/session/${verb}/${encodeURIComponent(id)}` } as const;
    return this.#ask({ ...asking, doing: `${verb} a session`, repeatable: true }, attempt);
  }

  async close(): Promise<void> {
    for (const server of this.#servers.all) server.close();
  }
}
