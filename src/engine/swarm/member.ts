/** What a node that is in a swarm has. */
import type { ManagerLink, SwarmStanding, SwarmStore } from '../../swarm/access.ts';

export interface Member {
  standing(): SwarmStanding;
  readonly link: ManagerLink;
  /** On a manager that is ready. */
  readonly store: SwarmStore | undefined;
  /** Ends what runs in this process for the swarm. */
  close(): Promise<void>;
}
