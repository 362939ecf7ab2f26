/** The resolver of one sandbox. */
import { statSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import type { NameRecords, SandboxNames } from '../names/records.ts';
import { resolverAddress } from '../names/resolv-conf.ts';
import type { Logger } from '../observe/logger.ts';
import type { Faults } from './faults.ts';
import { createForwarder, type Forwarder } from './forwarder.ts';
import { type Servers, serversOf } from './host-servers.ts';
import { openListeners } from './listeners.ts';
import { hostOrigin, sandboxOrigin } from './origin.ts';
import { installRedirect, restoreRedirect } from './redirect.ts';
import { createResponder } from './responder.ts';

export interface ServiceOptions {
  readonly records: NameRecords;
  readonly sandbox: SandboxNames;
  readonly openNamespace: Kernel['openNamespace'];
  readonly hostServers: () => Servers;
  readonly log: Logger;
  readonly faults: Faults;
}

export interface SandboxService {
  /** False once the namespace's file is gone or leads to another namespace. */
  isCurrent(): boolean;
  /** Install the redirection again, should somebody have taken it away. Errors: KERNEL. */
  restoreRedirect(): void;
  /** Stop answering. The redirection stays: it harms nobody, and goes with the namespace. */
  close(): void;
}

/** Serve a sandbox. Errors: KERNEL. */
export async function openSandboxService(options: ServiceOptions): Promise<SandboxService> {
  const { sandbox, openNamespace, records, faults } = options;
  const { path, sandboxId } = sandbox;
  // The namespace is opened when it is needed and closed again: an nftables context is large.
  const use = <T>(action: (namespace: Namespace) => T): T => {
    const namespace = openNamespace(path);
    try {
      return action(namespace);
    } finally {
      namespace.close();
    }
  };
  const identity = namespaceIdentity(path);
  const forwarding = createForwarding(options, (open) => use((namespace) => namespace.inside(open)));
  const respond = createResponder({ records, sandboxId, forwarder: forwarding.of, faults });
  const namespace = openNamespace(path);
  try {
    const listeners = await openListeners(namespace, respond);
    const close = (): void => {
      listeners.close();
      forwarding.close();
    };
    try {
      installRedirect(namespace, listeners);
    } catch (error) {
      close();
      throw error;
    }
    return {
      isCurrent: () => identity !== '' && namespaceIdentity(path) === identity,
      restoreRedirect: () => use((again) => restoreRedirect(again, listeners)),
      close,
    };
  } finally {
    namespace.close();
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

/** Which namespace the file leads to; '' if it is not there. */
function namespaceIdentity(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : '';
}

/**
 * Servers of the sandbox's own (`--dns`) are asked from inside it, the host's from the host. What was
 * asked for can differ after a change, so a forwarder is kept for as long as its servers stay the same.
 */
function createForwarding(
  { hostServers, log }: ServiceOptions,
  inside: <T>(open: () => T) => T,
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
          ? createForwarder({ origin: sandboxOrigin(inside), servers: () => own, log })
          : createForwarder({ origin: hostOrigin, servers: hostServers, log });
      known = { servers: key, forwarder };
      return forwarder;
    },
    close: () => known?.forwarder.close(),
  };
}
