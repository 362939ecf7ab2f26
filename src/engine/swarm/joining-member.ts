/** This node while it joins a swarm: it goes on until a manager has answered, or it leaves. */
import { fail } from '../../errors.ts';
import type { SwarmStanding } from '../../swarm/access.ts';
import type { Member } from './member.ts';

export class JoiningMember implements Member {
  readonly link = undefined;
  readonly store = undefined;
  readonly #over = new AbortController();

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  standing(): SwarmStanding {
    return {
      ...{ state: 'pending', nodeId: '', address: '', isManager: false, error: '' },
      ...{ managers: [], warnings: [] },
    };
  }

  async close(): Promise<void> {
    this.#over.abort(fail('SWARM_JOIN', 'the node has left while it joined a swarm'));
  }
}
