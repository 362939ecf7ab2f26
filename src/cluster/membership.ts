/**
 * This host's membership of the cluster: its node record, which is permanent, and a live key bound to a session. Another
 * engine with the same id counts as this one if it has the same instance or, after a reboot, the same address.
 */
import { fail } from '../errors.ts';
import type { Kv, Session, Transaction } from '../kv/kv.ts';
import type { Node } from '../model/node.ts';
import { readInstance, readNodeValue, writeInstance, writeNode } from './formats.ts';
import { keys } from './keys.ts';
import type { Mirror } from './mirror.ts';

export interface MembershipOptions {
  readonly kv: Kv;
  readonly mirror: Mirror;
  readonly node: Node;
  /** Milliseconds after which a silent host counts as lost. */
  readonly ttl: number;
  /** Called when the session is over: `join` must be called again. */
  readonly ended: () => void;
}

export class Membership {
  readonly #options: MembershipOptions;
  #node: Node;
  #session: Session | undefined;
  #closed = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#node = options.node;
  }

  /** This host's record, as the store has it after the next `join`. */
  get node(): Node {
    return this.#node;
  }

  describe(node: Node): void {
    this.#node = node;
  }

  get isIn(): boolean {
    return this.#session !== undefined;
  }

  /** Throws CLUSTER_NODE_TWICE, and the errors of the store. */
  async join(): Promise<void> {
    if (this.#closed) return;
    if (this.#session) return this.#keep(this.#session);
    const { kv, ttl, ended } = this.#options;
    this.#refuseTwice();
    const session = await kv.session({ ttl });
    try {
      await this.#write(session);
    } catch (error) {
      await session.close();
      throw error;
    }
    this.#session = session;
    void session.lost.then(() => {
      if (this.#session === session) this.#session = undefined;
      if (!this.#closed) ended();
    });
    if (this.#closed) await session.close();
  }

  /** Writes the keys again if the store, wiped or restored, has lost them. */
  async #keep(session: Session): Promise<void> {
    const { mirror } = this.#options;
    const node = this.#node;
    const isThere =
      mirror.read(keys.live(node.id), readInstance) === node.instance &&
      mirror.get(keys.node(node.id))?.value === writeNode(node);
    if (isThere) return;
    try {
      await this.#write(session);
    } catch (error) {
      // the store may no longer know the session
      this.#session = undefined;
      await session.close();
      throw error;
    }
  }

  /** Throws CLUSTER_NODE_TWICE if an engine on another host has this id. */
  #refuseTwice(): void {
    const { mirror } = this.#options;
    const node = this.#node;
    const there = mirror.read(keys.live(node.id), readInstance);
    const known = mirror.read(keys.node(node.id), (value) => readNodeValue(value).node);
    if (there === undefined || there === node.instance || !known || known.advertise === node.advertise)
      return;
    throw fail('CLUSTER_NODE_TWICE', node.id, known.name, known.advertise);
  }

  async #write(session: Session): Promise<void> {
    const { kv, mirror } = this.#options;
    const node = this.#node;
    for (let attempt = 1; ; attempt++) {
      this.#refuseTwice();
      const [live, record] = [keys.live(node.id), keys.node(node.id)];
      const put = [
        { key: live, value: writeInstance(node.instance), session },
        { key: record, value: writeNode(node) },
      ];
      const transaction: Transaction = { compare: [live, record].map((key) => asKnown(mirror, key)), put };
      const { generation } = mirror;
      const result = await kv.transact(transaction);
      if (generation !== mirror.generation) throw fail('CLUSTER_REPLACED');
      if (result.ok) {
        const { revision } = result;
        mirror.learn({ put: put.map(({ key, value }) => ({ key, value, revision })) });
        return;
      }
      learnCompared(mirror, transaction, result.others);
      if (attempt === mostTries) throw fail('STORE_CONFLICT');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#session?.close();
  }
}

const mostTries = 10;

export const asKnown = (mirror: Mirror, key: string) => {
  const known = mirror.get(key);
  return known ? { key, revision: known.revision } : { key, absent: true as const };
};

/** Updates the mirror with the compared keys that a refused transaction returned. */
export function learnCompared(
  mirror: Mirror,
  { compare = [] }: Transaction,
  others: Parameters<Mirror['learn']>[0]['put'] = [],
): void {
  const there = new Set(others.map(({ key }) => key));
  mirror.learn({ put: others, removed: compare.flatMap(({ key }) => (there.has(key) ? [] : [key])) });
}
