/**
 * Sockets for queries to a sandbox's own servers. They were opened inside its namespace, which this process cannot
 * enter, so they are reused: a disconnected socket has no peer and no port, and the next `connect` chooses another
 * port.
 */

import { closeDescriptor } from '../kernel/descriptors.ts';
import { disconnect, duplicate } from '../kernel/dns-sockets.ts';
import { familyOf } from '../net/family.ts';
import type { SentSockets } from './inbox.ts';

export interface Lent {
  /** A duplicate that Node uses and closes. */
  readonly fd: number;
  /** Must be called after Node has closed it. */
  giveBack(): void;
}

export interface UpstreamSockets {
  /** Throws an `Error` where all are in use. */
  lend(transport: 'udp' | 'tcp', server: string): Lent;
  close(): void;
}

export function createUpstreamSockets({ uses, descriptors }: SentSockets): UpstreamSockets {
  const free = new Map<string, number[]>();
  let closed = false;
  for (const [i, use] of uses.entries()) {
    const fd = descriptors[i];
    if (fd !== undefined && use.startsWith('ask-')) free.set(use, [...(free.get(use) ?? []), fd]);
  }
  return {
    lend(transport, server) {
      const idle = free.get(`ask-${transport}-${familyOf(server)}`);
      const own = closed ? undefined : idle?.pop();
      if (own === undefined) throw new Error(`no socket is free to ask ${server} by ${transport}`);
      const giveBack = (): void => {
        disconnect(own);
        if (closed) closeDescriptor(own);
        else idle?.push(own);
      };
      try {
        return { fd: duplicate(own), giveBack };
      } catch (error) {
        giveBack();
        throw error;
      }
    },
    close() {
      closed = true;
      for (const fd of [...free.values()].flat()) closeDescriptor(fd);
      free.clear();
    },
  };
}
