/**
 * This host's client of a cluster: follows the shared records in the store and keeps this host's own records there. It lies
 * above `store` and `kv` and below the engine, which applies arriving records to the kernel.
 */
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../errors.ts';
import type { Kv } from '../kv/kv.ts';
import type { Node } from '../model/node.ts';
import type { Committed, SharedChange, SharedStore } from '../model/shared.ts';
import type { Change, View } from '../model/tables.ts';
import type { Logger } from '../observe/logger.ts';
import { commitShared, inTime } from './committing.ts';
import { compareClaims, refuseNewer } from './comparing.ts';
import { type ClusterContext, Standing } from './context.ts';
import { Following } from './following.ts';
import { forgetNode } from './forgetting.ts';
import { Gate } from './gate.ts';
import { Leaving } from './leaving.ts';
import { Membership } from './membership.ts';
import { Mirror } from './mirror.ts';
import { release } from './releasing.ts';
import type { Taken } from './write-back.ts';

/** Reports failures and retries them (`reconcile/retries.ts`). */
export interface Degrading {
  attempt(subject: { readonly key: string; readonly name: string }, task: () => unknown): Promise<boolean>;
  waits(subject: { readonly key: string; readonly name: string }, error: unknown): void;
  succeeded(key: string): void;
}

export interface ClusterOptions {
  readonly kv: Kv;
  /** The store as the user wrote it, for messages. */
  readonly url: string;
  readonly node: Node;
  /** Milliseconds after which a silent host counts as lost. */
  readonly ttl: number;
  readonly view: View;
  readonly logger: Logger;
  readonly retries: Degrading;
  /** Milliseconds for the other hosts to write their records back to a wiped store. */
  readonly grace?: number;
  now(): string;
  arrive(changes: readonly Change[]): Promise<void>;
  /** Disconnects endpoints; resolves once that was tried with each. */
  taken(endpoints: readonly Taken[]): Promise<void>;
}

const away = { key: 'cluster:store', name: 'cluster store' };
const place = { key: 'cluster:place', name: 'this host in the cluster store' };

export class Cluster implements SharedStore {
  readonly #options: ClusterOptions;
  readonly #context: ClusterContext;
  readonly #following: Following;
  readonly #membership: Membership;
  readonly #first = Promise.withResolvers<void>();
  #comparing: Promise<unknown> | undefined;
  #isDue = false;
  #isClosed = false;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { kv, node, ttl, url } = options;
    const standing = new Standing(url, new Leaving(node.id));
    this.#context = {
      ...{ kv, view: options.view, here: node.id, logger: options.logger },
      ...{ mirror: new Mirror(node.id), gate: new Gate(), standing },
      now: options.now,
      arrive: async (changes) => {
        if (changes.length > 0) await options.arrive(changes);
      },
    };
    const { mirror } = this.#context;
    this.#membership = new Membership({ kv, mirror, node, ttl, ended: () => this.#compare() });
    this.#following = new Following({
      context: this.#context,
      compare: () => this.#compare(),
      ...(options.grace !== undefined && { grace: options.grace }),
    });
  }

  /** Records this host's node, which planning of overlay networks needs. */
  async introduce(): Promise<void> {
    await this.#context.arrive([{ table: 'nodes', put: { ...this.node, here: true } }]);
  }

  /** Changes what this host says of itself. */
  async describe(change: (node: Node) => Node): Promise<void> {
    const node = change(this.node);
    if (isDeepStrictEqual(node, this.node)) return;
    this.#membership.describe(node);
    await this.introduce();
    this.#compare();
  }

  /** Resolves once the store was read and compared with this host's claims, or after `patience` milliseconds. */
  async begin(patience: number): Promise<void> {
    this.#following.begin((why) => this.#away(why));
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience);
    await Promise.race([this.#first.promise, promise]);
    clearTimeout(timer);
  }

  async commit(changes: readonly SharedChange[]): Promise<Committed> {
    const { leaving } = this.#context.standing;
    const gone = changes.flatMap((one) => (one.kind === 'endpoint' && 'gone' in one ? [one.gone] : []));
    const ids = gone.map(({ id }) => id);
    leaving.add(gone);
    try {
      const gained = await commitShared(this.#context, changes, () => this.#compare());
      return {
        gained,
        written: () => leaving.written(ids),
        lost: () => {
          leaving.end(ids);
          this.#compare();
        },
      };
    } catch (error) {
      leaving.end(ids);
      throw error;
    }
  }

  follows(sandboxId: string): () => void {
    const { leaving } = this.#context.standing;
    const leavers = leaving.writtenOf(sandboxId);
    return () => {
      if (leavers.length > 0) void release(this.#context, leavers, () => this.#compare());
    };
  }

  async released(sandboxIds: ReadonlySet<string>): Promise<void> {
    await inTime(this.#context.standing.leaving.released(sandboxIds));
  }

  /** Throws CLUSTER_NODE_NOT_FOUND, CLUSTER_NODE_LIVE, and the errors of the store. */
  async forget(ref: string): Promise<Node> {
    return forgetNode(this.#context, ref);
  }

  /** This host. */
  get node(): Node {
    return this.#membership.node;
  }

  /** Keys of the store whose value is not a valid record, with the reason. */
  get bad(): ReadonlyMap<string, string> {
    return this.#context.mirror.bad;
  }

  /** Why the store cannot be written now; undefined if it can. */
  get why(): Error | undefined {
    return this.#context.standing.why;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#following.close();
    await this.#comparing;
    await this.#membership.close();
    await this.#options.kv.close();
  }

  #away(why: Error | undefined): void {
    const { standing } = this.#context;
    const { retries } = this.#options;
    standing.away = why;
    if (why) retries.waits(away, why);
    else {
      retries.succeeded(away.key);
      this.#compare();
    }
  }

  /** Starts a comparison, or repeats the running one once it is done. */
  #compare(): void {
    this.#isDue = true;
    if (this.#comparing || this.#isClosed) return;
    this.#comparing = this.#compareDue().finally(() => {
      this.#comparing = undefined;
      if (this.#isDue && !this.#isClosed && !this.#context.standing.away) this.#compare();
    });
  }

  async #compareDue(): Promise<void> {
    const { retries } = this.#options;
    const { standing, mirror } = this.#context;
    this.#isDue = false;
    // the watch reports when it is back or has read everything, and everything is compared then
    if (standing.away || mirror.generation === 0) return;
    await retries.attempt(place, async () => {
      await this.#join();
      await this.#compareOnce();
    });
  }

  async #join(): Promise<void> {
    const { standing } = this.#context;
    try {
      // also before it is known to the others
      refuseNewer(this.#context.mirror);
      await this.#membership.join();
      standing.refused = undefined;
    } catch (error) {
      standing.refused = error instanceof Error ? error : new Error(messageOf(error));
      throw error;
    }
  }

  async #compareOnce(): Promise<void> {
    const taken = await compareClaims(this.#context);
    this.#context.standing.isCompared = true;
    await this.#following.adopt();
    if (taken.length > 0) void this.#takeOff(taken);
    this.#first.resolve();
  }

  /** Each removal is an ordinary transaction. A network that gives way is removed once nothing is on it. */
  async #takeOff(taken: readonly Taken[]): Promise<void> {
    const { view, logger } = this.#options;
    try {
      await this.#options.taken(taken);
    } catch (error) {
      logger.error('endpoints could not be taken off their networks', { error });
    }
    if (taken.some(({ endpoint }) => !view.get('endpoints', endpoint.id))) this.#compare();
  }
}
