/** The resolver of one sandbox. */
import { BlockList, isIP } from 'node:net';
import type { NameRecords, SandboxNames } from '../names/records.ts';
import { resolverAddress } from '../names/resolv-conf.ts';
import type { Logger } from '../observe/logger.ts';
import type { Announcer } from './announcer.ts';
import type { Faults } from './faults.ts';
import { createForwarder, type Forwarder } from './forwarder.ts';
import { type Servers, serversOf } from './host-servers.ts';
import type { SentSockets } from './inbox.ts';
import { openListeners, type Ports } from './listeners.ts';
import { hostOrigin, type Origin, sandboxOrigin } from './origin.ts';
import { createResponder } from './responder.ts';
import type { Share } from './shares.ts';
import type { Tally } from './tally.ts';
import { createUpstreamSockets } from './upstream-sockets.ts';

export interface ServiceOptions {
  readonly records: NameRecords;
  readonly sandboxId: string;
  readonly sockets: SentSockets;
  readonly hostServers: () => Servers;
  readonly share: Share;
  readonly log: Logger;
  readonly faults: Faults;
  readonly tally: Tally;
  readonly announcer: Announcer;
}

export interface SandboxService {
  readonly ports: Ports;
  /** Stop answering. */
  close(): void;
}

/** Serve a sandbox by its sockets, which are closed with the service, and where it cannot be. */
export async function openSandboxService(options: ServiceOptions): Promise<SandboxService> {
  const { records, sandboxId, sockets, faults, tally, announcer } = options;
  const upstream = createUpstreamSockets(sockets);
  const forwarding = createForwarding(options, sandboxOrigin(upstream));
  const respond = createResponder({ records, sandboxId, forwarder: forwarding.of, faults, tally, announcer });
  try {
    const listeners = await openListeners(sockets, { respond, share: options.share });
    return {
      ports: listeners.ports,
      close() {
        listeners.close();
        forwarding.close();
        upstream.close();
      },
    };
  } catch (error) {
    upstream.close();
    throw error;
  }
}

const itself = new BlockList();
itself.addAddress(resolverAddress);

/** Asked from inside, this resolver would ask itself, again and again. */
function isResolver(server: string): boolean {
  const [address = ''] = server.split('%');
  const family = isIP(address);
  return family !== 0 && itself.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Servers of the sandbox's own (`--dns`) are asked from inside it, the host's from the host. What was
 * asked for can differ after a change, so a forwarder is kept for as long as its servers stay the same.
 */
function createForwarding(
  { hostServers, share, log }: ServiceOptions,
  inside: Origin,
): { of(sandbox: SandboxNames): Forwarder; close(): void } {
  let known: { readonly servers: string; readonly forwarder: Forwarder } | undefined;
  return {
    of({ servers }) {
      const key = servers.join(' ');
      if (known?.servers === key) return known.forwarder;
      known?.forwarder.close();
      const own = serversOf(servers.filter((server) => !isResolver(server)));
      const forwarder =
        servers.length > 0
          ? createForwarder({ origin: inside, servers: () => own, share, log })
          : createForwarder({ origin: hostOrigin, servers: hostServers, share, log });
      known = { servers: key, forwarder };
      return forwarder;
    },
    close: () => known?.forwarder.close(),
  };
}
