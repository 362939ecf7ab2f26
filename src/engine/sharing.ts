/** What keeps records that hosts share: the cluster that this host is in, if it is in one. */
import type { Cluster } from '../cluster/cluster.ts';
import { fail } from '../errors.ts';
import type { Committed, SharedChange, SharedStore } from '../model/shared.ts';

export class Sharing implements SharedStore {
  #cluster: Cluster | undefined;

  /** undefined: it is in none. */
  get cluster(): Cluster | undefined {
    return this.#cluster;
  }

  enter(cluster: Cluster): void {
    this.#cluster = cluster;
  }

  /** Without a cluster what is left of one can only go. */
  async commit(changes: readonly SharedChange[]): Promise<Committed> {
    if (this.#cluster) return this.#cluster.commit(changes);
    if (changes.some((change) => 'put' in change)) throw fail('CLUSTER_NONE');
    return { gained: [], written: () => undefined, lost: () => undefined };
  }

  follows(sandboxId: string): () => void {
    return this.#cluster?.follows(sandboxId) ?? (() => undefined);
  }

  async released(sandboxIds: ReadonlySet<string>): Promise<void> {
    await this.#cluster?.released(sandboxIds);
  }
}
