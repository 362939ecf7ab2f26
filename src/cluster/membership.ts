/**
 * This host's place in the cluster: its record, which stays, and a key on a session, which says that it is there. A host
 * that is back is the same one if it has the same instance, or after a reboot the same address.
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
  /** Milliseconds after which a host that is silent counts as lost. */
  readonly ttl: number;
  /** The session is over: `join` is to be called again. */
  readonly ended: () => void;
}

export class Membership {
  readonly #options: MembershipOptions;
  #session: Session | undefined;
  #closed = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  get isIn(): boolean {
    return this.#session !== undefined;
  }

  /** Throws CLUSTER_NODE_TWICE, and what the store throws. */
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

  /** A store that was wiped or restored may have lost what the session holds. */
  async #keep(session: Session): Promise<void> {
    const { mirror, node } = this.#options;
    const isThere =
      mirror.read(keys.live(node.id), readInstance) === node.instance &&
      mirror.get(keys.node(node.id))?.value === writeNode(node);
    if (isThere) return;
    try {
      await this.#write(session);
    } catch (error) {
      // the store may know nothing of it any more
      this.#session = undefined;
      await session.close();
      throw error;
    }
  }

  /** The key of another engine of the same id, on another host, stays. */
  #refuseTwice(): void {
    const { mirror, node } = this.#options;
    const there = mirror.read(keys.live(node.id), readInstance);
    const known = mirror.read(keys.node(node.id), (value) => readNodeValue(value).node);
    if (there === undefined || there === node.instance || !known || known.advertise === node.advertise)
      return;
    throw fail('CLUSTER_NODE_TWICE', node.id, known.name, known.advertise);
  }

  async #write(session: Session): Promise<void> {
    const { kv, mirror, node } = this.#options;
    for (let attempt = 1; ; attempt++) {
      this.#refuseTwice();
      const [live, record] = [keys.live(node.id), keys.node(node.id)];
      const put = [
        { key: live, value: writeInstance(node.instance), session },
        { key: record, value: writeNode(node) },
      ];
      const transaction: Transaction = { compare: [live, record].map((key) => asKnown(mirror, key)), put };
      const result = await kv.transact(transaction);
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

/** From what a refused transaction tells of the keys that it compared. */
export function learnCompared(
  mirror: Mirror,
  { compare = [] }: Transaction,
  others: Parameters<Mirror['learn']>[0]['put'] = [],
): void {
  const there = new Set(others.map(({ key }) => key));
  mirror.learn({ put: others, removed: compare.flatMap(({ key }) => (there.has(key) ? [] : [key])) });
}
