/** A node in no swarm: its verbs refuse before they need any part of an engine. */
import { Swarm } from '../../src/engine/swarm/swarm.ts';
import { swarmVerbs } from '../../src/engine/swarm/verbs.ts';
import type { SwarmVerbs } from '../../src/engine/swarm-verbs.ts';

export function memorySwarm(swarm = new Swarm()): SwarmVerbs {
  const absent = (): never => {
    throw new Error('an engine of plain records has no such part');
  };
  return swarmVerbs({
    swarm,
    get config() {
      return absent();
    },
    get kernel() {
      return absent();
    },
    get logger() {
      return absent();
    },
    get model() {
      return absent();
    },
  });
}
