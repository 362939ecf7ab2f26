/** All sandboxes of one engine: which are served, kept true to the store and to the kernel. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, messageOf } from '../errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Logger } from '../observe/logger.ts';
import { openNameRecords } from '../store/store.ts';
import type { Faults } from './faults.ts';
import { watchHostServers } from './host-servers.ts';
import { openSandboxService, type SandboxService, type ServiceOptions } from './sandbox-service.ts';

export interface ResolverServerOptions {
  /** Folder of the store. */
  readonly state: string;
  readonly kernel: Pick<Kernel, 'openNamespace'>;
  readonly log: Logger;
  readonly faults: Faults;
  /** The host's resolv.conf. */
  readonly resolvConf: string;
}

export interface ResolverServer {
  /** Serve a sandbox of the store, from now on; one that is served has its rules put in again. */
  ensure(sandboxId: string): Promise<void>;
  forget(sandboxId: string): Promise<void>;
  /** Ids of the sandboxes that are served. */
  sandboxes(): readonly string[];
  /** Serve all sandboxes of the store that can be. */
  ensureAll(): Promise<void>;
  /** Drop those whose namespace is gone, or that the store does not have any more. */
  prune(): Promise<void>;
  /** False once the store's file has been replaced by another: then this process knows nothing. */
  isCurrent(): boolean;
  close(): void;
}

export function createResolverServer({
  state,
  kernel,
  log,
  faults,
  resolvConf,
}: ResolverServerOptions): ResolverServer {
  const records = openNameRecords(state);
  const identity = fileIdentity(state);
  const inTurn = createTurns();
  const services = createServices({
    records,
    openNamespace: (path) => kernel.openNamespace(path),
    hostServers: watchHostServers(resolvConf, log),
    log,
    faults,
  });
  return {
    ensure: (id) => inTurn(() => services.serve(id)),
    forget: (id) => inTurn(async () => services.drop(id)),
    sandboxes: () => services.ids(),
    ensureAll: () =>
      inTurn(async () => {
        records.refresh();
        for (const { sandboxId } of [...records.sandboxes()])
          await services.serve(sandboxId).catch((error: unknown) => {
            log.warn('cannot serve a sandbox', { sandbox: sandboxId, error: messageOf(error) });
          });
      }),
    prune: () =>
      inTurn(async () => {
        records.refresh();
        for (const id of services.ids())
          if (!records.sandbox(id) || !services.isCurrent(id)) services.drop(id);
      }),
    isCurrent: () => fileIdentity(state) === identity,
    close() {
      for (const id of services.ids()) services.drop(id);
      records.close();
    },
  };
}

/** The sandboxes that are served, by id. */
function createServices(options: Omit<ServiceOptions, 'sandbox'>) {
  const { records, log } = options;
  const services = new Map<string, SandboxService>();
  const drop = (id: string): void => {
    services.get(id)?.close();
    if (services.delete(id)) log.info('serves a sandbox no more', { sandbox: id });
  };
  return {
    drop,
    ids: (): readonly string[] => [...services.keys()],
    isCurrent: (id: string): boolean => services.get(id)?.isCurrent() ?? false,
    async serve(id: string): Promise<void> {
      records.refresh();
      const sandbox = records.sandbox(id);
      if (!sandbox) throw fail('BUG', `the store has no sandbox ${id} that the resolver serves`);
      const known = services.get(id);
      if (known?.isCurrent()) return known.restoreRedirect();
      drop(id);
      services.set(id, await openSandboxService({ ...options, sandbox }));
      log.info('serves a sandbox', { sandbox: id });
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

/** Which file the store is; lmdb calls it data.mdb. */
function fileIdentity(state: string): string {
  const found = statSync(join(state, 'data.mdb'), { throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : '';
}
