/** A store, a resolver on its own host, and sandboxes for it to serve. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { type NameEntry, reverseName, type SandboxNames } from '../../src/names/records.ts';
import { createLogger } from '../../src/observe/logger.ts';
import type { AnsweredName } from '../../src/resolver/answered.ts';
import { connectResolver, type ResolverClient } from '../../src/resolver/client.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import type { Rig } from './rig.ts';

export const networkId = 'b'.repeat(64);

export interface ResolverRig {
  readonly run: string;
  readonly store: Store;
  readonly client: ResolverClient;
  /** Addresses of watched names, as the engine was told of them. */
  readonly answered: readonly AnsweredName[];
  /** The text of the host's resolv.conf from here on. */
  setHostServers(...servers: readonly string[]): void;
  /** Make a namespace and serve it; its path. */
  addSandbox(id: string, more?: Partial<SandboxNames>): Promise<string>;
  /** One endpoint that answers to the names from here on; without address they are removed. */
  name(endpointId: string, names: readonly string[], address?: string): Promise<void>;
}

const program = fileURLToPath(new URL('../../src/main/seaway-resolver.ts', import.meta.url));

export function openResolverRig(rig: Rig): ResolverRig {
  const folder = mkdtempSync(join(tmpdir(), 'seaway-resolver-'));
  // The resolver reads resolv.conf as another user.
  chmodSync(folder, 0o711);
  const [run, state, resolvConf] = ['run', 'state', 'resolv.conf'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const kernel = rig.kernel();
  const store = openStore(state);
  const launcher = ['nsenter', `--net=${rig.host}`, process.execPath, program, '--resolv-conf', resolvConf];
  const answered: AnsweredName[] = [];
  const client = connectResolver({
    answered: ({ sandbox, name, addresses }) => void answered.push({ sandbox, name, addresses }),
    run,
    state,
    launcher,
    logger: createLogger('error'),
    kernel,
    records: store.names(),
  });
  afterAll(async () => {
    await client.stop();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  writeFileSync(resolvConf, '');
  return {
    run,
    store,
    ...{ client, answered },
    setHostServers(...servers) {
      writeFileSync(
        resolvConf,
        `${servers.map((server) => `nameserver ${server}\n`).join('')}options timeout:1\n`,
      );
    },
    async addSandbox(id, more = {}) {
      const path = rig.path(id);
      kernel.createNamespace(path);
      rig.run(path, 'ip', 'link', 'set', 'lo', 'up');
      const put: SandboxNames = {
        sandboxId: id,
        path,
        networks: [{ id: networkId, name: 'nn' }],
        privateNames: {},
        servers: [],
        forward: true,
        fixed: {},
        ...more,
      };
      await store.commit([], { names: [], sandboxes: [{ id, put }] });
      await client.ensure(id);
      return path;
    },
    async name(endpointId, names, address) {
      const entry: NameEntry = { endpointId, ipv4: address ?? '', ipv6: '', name: endpointId };
      const all = address === undefined ? names : [...names, reverseName(address)];
      const changes = all.map((name) => ({ networkId, name, endpointId, ...(address ? { entry } : {}) }));
      await store.commit([], { sandboxes: [], names: changes });
    },
  };
}

/** Wait until something is so; throws after five seconds. */
/** Milliseconds; a resolver takes seconds to start on a busy machine. */
const patience = 25_000;

export async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + patience;
  while (performance.now() < end) {
    if (isSo()) return;
    await sleep(20);
  }
  throw new Error(`after ${patience / 1000} s still not so: ${what}`);
}

/** Whether a process runs (a zombie does not). */
export function runs(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return false;
  return !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
}
