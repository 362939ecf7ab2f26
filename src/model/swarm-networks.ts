/** What a swarm says of its networks. */
import type { PoolSource } from '../ipam/choose-pool.ts';
import type { Node } from './node.ts';

export interface SwarmContext {
  readonly pools: readonly PoolSource[];
  /** All of its nodes, this one with `here`. */
  readonly nodes: readonly Node[];
}

/** Docker's; identifiers below are left to other programs. */
export const firstSwarmVni = 4096;
