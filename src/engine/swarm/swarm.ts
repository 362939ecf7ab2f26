/** This node in a swarm, or in none. What only members need is loaded when it becomes one. */
import { fail } from '../../errors.ts';
import type { ManagerLink, SwarmStanding, SwarmStore } from '../../swarm/access.ts';
import type { Member, SwarmAgent } from './member.ts';

const inactive: SwarmStanding = {
  ...{ state: 'inactive', nodeId: '', address: '', isManager: false, error: '' },
  ...{ managers: [], warnings: [] },
};

export class Swarm {
  readonly #listeners = new Set<(standing: SwarmStanding) => void>();
  #member: Member | undefined;
  /** What does here what managers ask; undefined until it has begun, and outside of a swarm. */
  agent: SwarmAgent | undefined;

  standing(): SwarmStanding {
    return this.#member?.standing() ?? inactive;
  }

  /** Throws, in Docker's words, where this node is no manager or not ready to be one. */
  store(): SwarmStore {
    const { state, isManager } = this.standing();
    const store = this.#member?.store;
    if (store) return store;
    if (state === 'inactive') throw fail('NOT_SWARM_MANAGER');
    if (state === 'locked') throw fail('SWARM_LOCKED');
    throw fail(isManager ? 'SWARM_PREPARING' : 'SWARM_WORKER');
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

  /** Called after each change of the standing. Returns the way to stop that. */
  onStanding(listener: (standing: SwarmStanding) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Throws SWARM_ALREADY. */
  enter(member: Member): void {
    if (this.#member) throw fail('SWARM_ALREADY');
    this.#member = member;
    this.changed();
  }

  /** Throws NOT_IN_SWARM. */
  get member(): Member {
    if (!this.#member) throw fail('NOT_IN_SWARM');
    return this.#member;
  }

  left(): void {
    this.#member = undefined;
    this.changed();
  }

  /** The member's standing has changed. */
  changed(): void {
    const standing = this.standing();
    for (const listener of this.#listeners) listener(standing);
  }
}
