/** What real servers and networks do to a client, for each store. */
import { describe } from 'vitest';
import { cutOffCases } from './faults/cut-off.ts';
import { nonsenseCases } from './faults/nonsense.ts';
import { serverCases } from './faults/server.ts';
import { sizeCases } from './faults/size.ts';
import { createWorld, type Faulty } from './faults/world.ts';

export function faultCases(faulty: Faulty): void {
  describe('in a world of faults', { timeout: 90_000 }, () => {
    const world = createWorld(faulty);
    cutOffCases(world);
    serverCases(world);
    nonsenseCases(world);
    sizeCases(world);
  });
}
