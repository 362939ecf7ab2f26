/** The contract's part for the cluster that the engine is in. */
import type { Node } from '../model/node.ts';

export interface NodeDetail {
  readonly node: Node;
  /** On networks of the cluster. */
  readonly endpoints: number;
}

export interface ClusterVerbs {
  /** Throws CLUSTER_NONE. */
  nodes(): readonly NodeDetail[];
  /** By id, a part of it, or name. Throws CLUSTER_NODE_NOT_FOUND, CLUSTER_NODE_LIVE. */
  forget(ref: string): Promise<void>;
}
