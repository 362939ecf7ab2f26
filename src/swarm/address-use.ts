/** How much of the swarm's networks is given away. */
import { Ledger } from './leader/ledger.ts';
import type { SwarmView } from './records.ts';

export interface SubnetUse {
  readonly subnet: string;
  readonly used: bigint;
  readonly free: bigint;
}

/** Of a network by its id, subnet by subnet: virtual addresses of services, and those of tasks and of containers on attachable networks. */
export function addressUse(view: SwarmView): (networkId: string) => readonly SubnetUse[] {
  const { addresses } = new Ledger(view);
  return (networkId) => addresses.status(networkId);
}
