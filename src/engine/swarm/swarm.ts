/** This node in a swarm, or in none. What only members need is loaded when it becomes one. */
import { fail } from '../../errors.ts';
import type { ManagerLink, SwarmStanding, SwarmStore } from '../../swarm/access.ts';
import type { Member, SwarmAgent } from './member.ts';

const inactive: SwarmStanding = {
  ...{ state: 'inactive', nodeId: '', address: '', isManager: false, error: '' },
  ...{ managers: [], warnings: [] },
};

type Listener = (standing: SwarmStanding) => void | Promise<void>;

export class Swarm {
  readonly #listeners = new Set<Listener>();
  #member: Member | undefined;
  /** What does here what managers ask; undefined until it has begun, and outside of a swarm. */
  agent: SwarmAgent | undefined;
  #isEntering = false;

  standing(): SwarmStanding {
    return this.#member?.standing() ?? inactive;
  }

  /** Throws, in Docker's words, where this node is no manager or not ready to be one. */
  store(): SwarmStore {
    const { state } = this.standing();
    const store = this.#member?.store;
    if (store) return store;
    if (state === 'inactive') throw fail('NOT_SWARM_MANAGER');
    if (state === 'locked') throw fail('SWARM_LOCKED');
    throw fail(this.#member?.role === 'manager' ? 'SWARM_PREPARING' : 'SWARM_WORKER');
  }

  /** Whether `store` gives one. */
  get isManaging(): boolean {
    return this.#member?.store !== undefined;
  }

  /** Removes what managers have given to this node: containers of tasks, networks. */
  async clear(): Promise<void> {
    const { agent } = this;
    this.agent = undefined;
    await agent?.leave();
  }

  /** This node's way to its managers; undefined outside of a swarm. It stays the same one until the node leaves. */
  get link(): ManagerLink | undefined {
    return this.#member?.link;
  }

  /** Called after each change of the standing; who changes it waits for the listener. Returns the way to stop that. */
  onStanding(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One at a time, and only outside of a swarm. Throws SWARM_ALREADY. */
  async entering<T>(work: () => Promise<T>): Promise<T> {
    if (this.#member || this.#isEntering) throw fail('SWARM_ALREADY');
    this.#isEntering = true;
    try {
      return await work();
    } finally {
      this.#isEntering = false;
    }
  }

  async enter(member: Member): Promise<void> {
    this.#member = member;
    await this.changed();
  }

  /** Throws NOT_IN_SWARM. */
  get member(): Member {
    if (!this.#member) throw fail('NOT_IN_SWARM');
    return this.#member;
  }

  isMember(member: Member): boolean {
    return this.#member === member;
  }

  async left(): Promise<void> {
    this.#member = undefined;
    await this.changed();
  }

  /** The member's standing has changed. */
  async changed(): Promise<void> {
    const standing = this.standing();
    await Promise.all(Array.from(this.#listeners, (listener) => listener(standing)));
  }

  /** Resolves when it has that state. Rejects with the signal's reason. */
  async becomes(state: SwarmStanding['state'], signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener('abort', aborted);
    const stop = this.onStanding((standing) => {
      if (standing.state === state) resolve();
    });
    try {
      await promise;
    } finally {
      stop();
      signal.removeEventListener('abort', aborted);
    }
  }

  /** The engine ends; the swarm's store and containers go on. */
  async close(): Promise<void> {
    await this.#member?.close();
    this.#member = undefined;
  }
}
