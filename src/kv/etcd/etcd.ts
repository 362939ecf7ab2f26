/** The backend for etcd, API version 3 (3.4 and later). */
import { create } from '@bufbuild/protobuf';
import { fail } from '../../errors.ts';
import type { Backend, Following, Grant } from '../backend.ts';
import type { Attempt } from '../deadline.ts';
import type { Feed } from '../feed.ts';
import type { Range, Transaction, TransactionResult } from '../kv.ts';
import { createServers, NotReached, type Servers } from '../servers.ts';
import type { KvSource } from '../source.ts';
import type { TlsMaterial } from '../tls.ts';
import { type Connection, openConnection } from './connection.ts';
import { Compacted, isCompacted, isLeaseGone, meaningOf } from './failure.ts';
import { Keys } from './keys.ts';
import { Position } from './position.ts';
import { readAll, type State } from './range.ts';
import { WatchRequestSchema } from './rpc_pb.ts';
import { requestOf, resultOf } from './transact.ts';
import { oneRequest, whole } from './watch.ts';

/** Makes a server without a leader fail at once instead of after seconds. */
const headers = { hasleader: 'true' };
/** Milliseconds for one server while there are others to try, and for the first response to a watch. */
const [patience, beginning] = [3_000, 7_000];
/** Responses per watch stream. */
const oldAge = 2_000;

type Asking = { readonly doing: string; readonly repeatable: boolean };
type Streaming = { readonly prefix: string; readonly position: Position; readonly following: Following };
type Options = { readonly signal: AbortSignal; readonly timeoutMs: number; readonly headers: typeof headers };

export class Etcd implements Backend {
  readonly store = 'etcd';
  readonly #servers: Servers<Connection>;
  readonly #keys: Keys;
  /** The position of each watch. */
  readonly #positions = new WeakMap<Feed, Position>();

  constructor({ addresses }: KvSource, { folder, tls }: { folder: string; tls?: TlsMaterial }) {
    this.#servers = createServers(this.store, addresses, (address) => openConnection(address, tls));
    this.#keys = new Keys(folder);
  }

  #ask<T>(
    asking: Asking,
    attempt: Attempt,
    call: (server: Connection, options: Options) => Promise<T>,
  ): Promise<T> {
    return this.#servers.ask(async (server, others) => {
      attempt.signal.throwIfAborted();
      await server.sessions.ready().catch((thrown: unknown) => {
        throw new NotReached(thrown);
      });
      const left = attempt.left();
      const timeoutMs = others > 0 && asking.repeatable ? Math.min(left, patience) : left;
      try {
        return await call(server, { signal: attempt.signal, timeoutMs, headers });
      } catch (thrown) {
        throw meaningOf(thrown, asking);
      }
    });
  }

  async range(prefix: string, attempt: Attempt): Promise<Range> {
    const { header, entries } = await this.#state(prefix, attempt);
    return { revision: Number(header.revision), entries };
  }

  async #state(prefix: string, attempt: Attempt): Promise<State> {
    const asking = { doing: `range ${prefix}`, repeatable: true };
    for (;;) {
      try {
        return await this.#ask(asking, attempt, (server, options) =>
          readAll(this.#keys, prefix, (page) => server.kv.range(page, options)).catch((thrown: unknown) => {
            throw isCompacted(thrown) ? new Compacted() : thrown;
          }),
        );
      } catch (thrown) {
        if (!(thrown instanceof Compacted)) throw thrown;
      }
    }
  }

  async transact(transaction: Transaction, attempt: Attempt): Promise<TransactionResult> {
    const request = requestOf(this.#keys, transaction);
    const session = transaction.put?.find((one) => one.session !== undefined)?.session;
    return this.#ask({ doing: 'transact', repeatable: false }, attempt, async (server, options) => {
      try {
        return resultOf(this.#keys, await server.kv.txn(request, options));
      } catch (thrown) {
        throw session && isLeaseGone(thrown) ? fail('KV_SESSION_LOST', this.store, session.id) : thrown;
      }
    });
  }

  async follow(prefix: string, feed: Feed, following: Following): Promise<void> {
    const position = this.#positions.get(feed) ?? new Position(feed, this.#keys);
    this.#positions.set(feed, position);
    const read = async (): Promise<void> => {
      if (!position.isStale) return;
      position.read(await this.#state(prefix, { ...following, left: () => beginning }));
      following.reached();
    };
    await read();
    const asking = { doing: `watch ${prefix}`, repeatable: true };
    while (!position.isStale && !following.signal.aborted)
      await this.#ask(asking, following, (server) => this.#stream(server, { prefix, position, following }));
    if (!following.signal.aborted) await read();
  }

  /**
   * Returns when the position is stale, or after some thousand responses, because the library leaks a little memory per
   * response of a stream. Throws when the stream is lost, so that the next server is tried.
   */
  async #stream(server: Connection, { prefix, position, following }: Streaming): Promise<void> {
    const over = new AbortController();
    const ended = (): void => over.abort();
    following.signal.addEventListener('abort', ended);
    const timer = setTimeout(ended, beginning);
    const { signal } = over;
    const value = {
      ...this.#keys.below(prefix),
      startRevision: position.next,
      progressNotify: true,
      fragment: true,
    };
    const request = create(WatchRequestSchema, { requestUnion: { case: 'createRequest', value } });
    let answers = 0;
    try {
      for await (const response of whole(
        server.watch.watch(oneRequest(request, signal), { signal, headers }),
      )) {
        position.take(response);
        clearTimeout(timer);
        if (position.isStale) return;
        following.reached();
        if (++answers >= oldAge) return;
      }
      throw new NotReached(new Error('the server has ended the watch'));
    } finally {
      clearTimeout(timer);
      over.abort();
      following.signal.removeEventListener('abort', ended);
    }
  }

  async grant(ttl: number, attempt: Attempt): Promise<Grant> {
    const asking = { doing: 'begin a session', repeatable: true };
    const TTL = BigInt(Math.ceil(ttl / 1000));
    const granted = await this.#ask(asking, attempt, (server, options) =>
      server.lease.leaseGrant({ TTL }, options),
    );
    if (granted.error !== '') throw fail('KV_BROKEN', this.store, asking.doing, granted.error);
    return {
      id: granted.ID.toString(16),
      ttl: Number(granted.TTL) * 1000,
      renew: (renewing) => this.#renew(granted.ID, renewing),
      end: (ending) => this.#revoke(granted.ID, ending),
    };
  }

  #renew(ID: bigint, attempt: Attempt): Promise<boolean> {
    return this.#ask({ doing: 'renew a session', repeatable: true }, attempt, async (server, options) => {
      async function* once() {
        yield { ID };
      }
      for await (const { TTL } of server.lease.leaseKeepAlive(once(), options)) return TTL > 0n;
      throw new NotReached(new Error('no answer'));
    });
  }

  async #revoke(ID: bigint, attempt: Attempt): Promise<void> {
    await this.#ask({ doing: 'end a session', repeatable: true }, attempt, async (server, options) => {
      await server.lease.leaseRevoke({ ID }, options).catch((thrown: unknown) => {
        if (!isLeaseGone(thrown)) throw thrown;
      });
    });
  }

  async close(): Promise<void> {
    for (const { sessions } of this.#servers.all) sessions.abort();
  }
}
