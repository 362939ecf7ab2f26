/** How many connections and UDP clients are passed on at the same time. */
import type { RelayRoom } from './relay.ts';

/**
 * Makes the rooms of ports. A port takes at most half of what the others leave, so that clients that fill it (sources of UDP are
 * easily forged) do not shut out those of other ports.
 */
export function roomsFor(most: number): () => RelayRoom {
  let inside = 0;
  return () => {
    let mine = 0;
    return {
      enter() {
        if (mine >= (most - (inside - mine)) / 2) return false;
        mine++;
        inside++;
        return true;
      },
      leave() {
        mine--;
        inside--;
      },
    };
  };
}
