/** The backend for ZooKeeper 3.6 and later, which has recursive watches. */
import { fail, messageOf, SeawayError } from '../../errors.ts';
import type { Backend, Following, Grant } from '../backend.ts';
import { type Attempt, within } from '../deadline.ts';
import type { Feed } from '../feed.ts';
import type { Range, Transaction, TransactionResult } from '../kv.ts';
import { Liveness } from '../liveness.ts';
import { createServers, NotReached, type Servers } from '../servers.ts';
import type { Address, KvSource } from '../source.ts';
import type { TlsMaterial } from '../tls.ts';
import { type Connection, Lost, openConnection } from './connection.ts';
import { Answered } from './node.ts';
import { Paths } from './paths.ts';
import { addWatchBody, code, opcode, readBody } from './protocol.ts';
import { ZkSession } from './session.ts';
import { transactOn } from './transact.ts';
import { readKeys, readTree } from './tree.ts';

/** Session timeout of the main connection in milliseconds. After two thirds it counts as lost, whatever `Liveness` says. */
const timeout = 12_000;
const handshake = { timeout, session: 0n, password: Buffer.alloc(16), lastZxid: 0n };

export class ZooKeeper implements Backend {
  readonly store = 'zk';
  readonly #servers: Servers<Address>;
  readonly #paths: Paths;
  readonly #tls: TlsMaterial | undefined;
  readonly #sessions = new Map<string, ZkSession>();
  readonly #over = new AbortController();
  /** Used for everything except keys bound to a session. */
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;

  constructor(
    { addresses }: KvSource,
    { folder, tls }: { readonly folder: string; readonly tls?: TlsMaterial },
  ) {
    this.#servers = createServers(this.store, addresses, (address) => address);
    this.#paths = new Paths(folder);
    this.#tls = tls;
  }

  /** The open connection, or a new one that concurrent callers share. */
  async #reach(): Promise<Connection> {
    if (this.#connection?.isOpen) return this.#connection;
    this.#opening ??= this.#open(handshake).finally(() => {
      this.#opening = undefined;
    });
    const opened = await this.#opening;
    if (this.#connection !== opened) this.#use(opened);
    return opened;
  }

  #use(connection: Connection): void {
    this.#connection = connection;
    void this.#guard(connection);
  }

  /** Until it ends. Another one is used where it is dead. */
  async #guard(connection: Connection): Promise<void> {
    const ended = new AbortController();
    void connection.ended.then(() => ended.abort());
    const { address } = connection;
    const asked = {
      ask: () => connection.ask(opcode.exists, readBody('/')),
      heard: () => connection.heard,
    };
    const others = {
      open: (signal: AbortSignal) =>
        openConnection(address, { handshake, signal, ...(this.#tls && { tls: this.#tls }) }),
      close: (other: Connection) => void other.close(),
    };
    const death = await new Liveness(asked, others).watch(ended.signal).catch(() => undefined);
    if (!death) return;
    if (death.other && this.#connection === connection && !this.#over.signal.aborted) this.#use(death.other);
    else void death.other?.close();
    connection.fail(new Lost('i/o timeout'));
  }

  #open(handshake: Parameters<typeof openConnection>[1]['handshake']): Promise<Connection> {
    const tls = this.#tls && { tls: this.#tls };
    return this.#servers.ask((address) =>
      openConnection(address, { handshake, signal: this.#over.signal, ...tls }).catch((thrown: unknown) => {
        throw new NotReached(thrown);
      }),
    );
  }

  #meaning(doing: string, thrown: unknown): unknown {
    if (thrown instanceof SeawayError) return thrown;
    const refused =
      thrown instanceof Answered && (thrown.code === code.noAuth || thrown.code === code.authFailed);
    return refused
      ? fail('KV_REFUSED', this.store, messageOf(thrown))
      : fail('KV_BROKEN', this.store, doing, messageOf(thrown));
  }

  /** Runs reads, which are repeated once if the connection is lost. */
  async #read<T>(doing: string, work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#reach());
    } catch (thrown) {
      if (!(thrown instanceof Lost)) throw this.#meaning(doing, thrown);
      return await work(await this.#reach()).catch((again: unknown) => {
        throw again instanceof Lost
          ? fail('KV_AWAY', this.store, messageOf(again.cause))
          : this.#meaning(doing, again);
      });
    }
  }

  range(prefix: string): Promise<Range> {
    return this.#read(`range ${prefix}`, (connection) => readTree(connection, this.#paths, prefix));
  }

  async transact(transaction: Transaction, attempt: Attempt): Promise<TransactionResult> {
    const id = transaction.put?.find((one) => one.session !== undefined)?.session?.id;
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (id !== undefined && session === undefined) throw fail('KV_SESSION_LOST', this.store, id);
    const connection = session ? await session.connection(attempt) : await this.#reach();
    try {
      return await transactOn(connection, transaction, { paths: this.#paths, attempt });
    } catch (thrown) {
      const expired = thrown instanceof Answered && thrown.code === code.sessionExpired;
      throw id !== undefined && expired
        ? fail('KV_SESSION_LOST', this.store, id)
        : this.#meaning('transact', thrown);
    }
  }

  async follow(prefix: string, feed: Feed, following: Following): Promise<void> {
    const connection = await this.#reach();
    const dirty = new Set<string>();
    let wake = (): void => undefined;
    const stop = connection.onChange((path) => {
      const key = this.#paths.key(path);
      if (key === undefined || !path.startsWith(`${this.#paths.folder(prefix)}/`.replace('//', '/'))) return;
      dirty.add(key);
      wake();
    });
    const ended = (): void => wake();
    void connection.ended.then(ended);
    following.signal.addEventListener('abort', ended);
    try {
      await this.#begin(prefix, { connection, feed, following });
      while (connection.isOpen && !following.signal.aborted) {
        if (dirty.size === 0) {
          const { promise, resolve } = Promise.withResolvers<void>();
          wake = resolve;
          await promise;
          continue;
        }
        const keys = [...dirty];
        dirty.clear();
        await this.#take(keys, { connection, feed });
      }
    } catch (thrown) {
      if (!(thrown instanceof Lost) || !feed.begun) throw this.#meaning(`watch ${prefix}`, thrown);
    } finally {
      stop();
      following.signal.removeEventListener('abort', ended);
    }
  }

  /** Adds the watch before reading, so that changes in between are read again. */
  async #begin(prefix: string, { connection, feed, following }: Beginning): Promise<void> {
    const added = await connection.ask(opcode.addWatch, addWatchBody(this.#paths.folder(prefix)));
    if (added.error !== code.ok) throw new Answered(added.error);
    const limits = { store: this.store, closing: this.#over.signal, signal: following.signal };
    feed.state(await within(`range ${prefix}`, limits, () => readTree(connection, this.#paths, prefix)));
    following.reached();
  }

  async #take(
    keys: readonly string[],
    { connection, feed }: Pick<Beginning, 'connection' | 'feed'>,
  ): Promise<void> {
    const found = await readKeys(connection, this.#paths, keys);
    feed.changes({
      revision: connection.lastZxid,
      put: found.flatMap(({ entry }) => entry ?? []),
      removed: found.flatMap(({ entry, key }) => (entry ? [] : key)),
    });
  }

  async grant(ttl: number): Promise<Grant> {
    const session = await ZkSession.begin(ttl, (handshake) => this.#open(handshake)).catch(
      (thrown: unknown) => {
        throw this.#meaning('begin a session', thrown);
      },
    );
    this.#sessions.set(session.id, session);
    void session.lost.then(() => this.#sessions.delete(session.id));
    return { id: session.id, ttl: session.ttl, lost: session.lost, end: () => session.end() };
  }

  async close(): Promise<void> {
    this.#over.abort();
    await Promise.all([...this.#sessions.values()].map((session) => session.end()));
    const late = await this.#opening?.catch(() => undefined);
    await (late ?? this.#connection)?.close();
  }
}

type Beginning = { readonly connection: Connection; readonly feed: Feed; readonly following: Following };
