/** All sandboxes of one engine: which are served, and by which sockets. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../observe/logger.ts';
import { openNameRecords } from '../store/store.ts';
import type { Announcer } from './announcer.ts';
import type { Faults } from './faults.ts';
import { watchHostServers } from './host-servers.ts';
import type { Inbox } from './inbox.ts';
import type { Ports } from './listeners.ts';
import { identityOf, type Served } from './protocol.ts';
import { openSandboxService, type SandboxService } from './sandbox-service.ts';
import { createShare, descriptorLimit } from './shares.ts';
import type { Tally } from './tally.ts';

export interface ResolverServerOptions {
  /** Folder of the store. */
  readonly state: string;
  readonly inbox: Inbox;
  readonly log: Logger;
  readonly faults: Faults;
  readonly announcer: Announcer;
  readonly tally: Tally;
  /** The host's resolv.conf. */
  readonly resolvConf: string;
}

/** A sandbox as the engine has it: in which namespace, and by which sockets it is to be served. */
export interface Wanted {
  readonly sandbox: string;
  /** Device and inode. */
  readonly namespace: string;
  readonly uses: string;
}

export interface ResolverServer {
  /** Identity of the store's file. */
  readonly store: string;
  /** The ports on which it is served already, or undefined. */
  find(wanted: Wanted): Ports | undefined;
  /** Serve it from now on by the sockets that were sent for it. */
  adopt(wanted: Wanted): Promise<Ports>;
  forget(sandbox: string): Promise<void>;
  /** What is served. Sockets that an engine sent and did not ask for are closed. */
  list(): readonly Served[];
  /** False once the store's file has been replaced by another: then this process knows nothing. */
  isCurrent(): boolean;
  close(): void;
}

interface Known extends Wanted {
  readonly service: SandboxService;
}

export function createResolverServer(options: ResolverServerOptions): ResolverServer {
  const { state, inbox, log, faults, tally, resolvConf, announcer } = options;
  const records = openNameRecords(state);
  // Held open: the folder cannot be entered by its name later on.
  const file = openSync(join(state, 'data.mdb'), 'r');
  const hostServers = watchHostServers(resolvConf, log);
  const services = new Map<string, Known>();
  const share = createShare(descriptorLimit(), () => services.size);
  const inTurn = createTurns();
  const drop = (id: string): void => {
    services.get(id)?.service.close();
    if (services.delete(id)) log.info('serves a sandbox no more', { sandbox: id });
  };
  return {
    store: identityOf(fstatSync(file)),
    find({ sandbox, namespace, uses }) {
      const known = services.get(sandbox);
      return known?.namespace === namespace && known.uses === uses ? known.service.ports : undefined;
    },
    adopt: (wanted) =>
      inTurn(async () => {
        const { sandbox } = wanted;
        const sockets = inbox.take(sandbox);
        drop(sandbox);
        const shared = { records, hostServers, share, log, faults, tally, announcer };
        const service = await openSandboxService({ ...shared, sandboxId: sandbox, sockets });
        services.set(sandbox, { ...wanted, service });
        log.info('serves a sandbox', { sandbox });
        return service.ports;
      }),
    forget: (id) => inTurn(async () => drop(id)),
    list() {
      inbox.clear();
      return Array.from(services.values(), ({ sandbox, namespace }) => ({ sandbox, namespace }));
    },
    isCurrent: () => fstatSync(file).nlink > 0,
    close() {
      for (const id of [...services.keys()]) drop(id);
      records.close();
      closeSync(file);
    },
  };
}

/** Runs what it is given one after the other. */
function createTurns(): <T>(action: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const turn = last.then(action);
    last = turn.catch(() => {});
    return turn;
  };
}
