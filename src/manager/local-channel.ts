/** A manager's own node has a session like all others, without a network between. */
import { setImmediate } from 'node:timers';
import type { Channel, Ends } from './node-link.ts';
import type { Sessions } from './sessions.ts';

export function openLocal(
  sessions: Sessions,
  { nodeId, address, ends }: { readonly nodeId: string; readonly address: string; readonly ends: Ends },
): Channel {
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    setImmediate(() => ends.closed(undefined));
  };
  const session = sessions.open({
    ...{ nodeId, address, end },
    // as over a network: after what is done now
    send: (message) => setImmediate(() => ends.message(message)),
    isBehind: () => false,
  });
  return {
    send: (message) => setImmediate(() => session.take(message)),
    close: () => {
      session.ended();
      end();
    },
  };
}
