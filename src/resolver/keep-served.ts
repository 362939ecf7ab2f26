/** The engine's part of serving a sandbox, which needs root inside its namespace. */
import { fstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../errors.ts';
import { closeDescriptor, sendParcel } from '../kernel/descriptors.ts';
import { hostPaths, isSilent } from '../kernel/files/host-paths.ts';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import { openForeign } from '../kernel/netns/foreign.ts';
import type { NameRecords } from '../names/records.ts';
import { hasErrno } from '../system-error.ts';
import { inboxName, labelFor } from './inbox.ts';
import type { Ports } from './listeners.ts';
import { type ControlAnswer, type ControlRequest, identityOf, type Served } from './protocol.ts';
import { installRedirect, restoreRedirect } from './redirect.ts';
import { openSockets, type SocketUse, socketUses } from './sandbox-sockets.ts';

export type Call = (request: ControlRequest) => Promise<ControlAnswer & { readonly ok: true }>;

export interface ServingOptions {
  /** The engine's exec root. */
  readonly run: string;
  readonly kernel: Pick<Kernel, 'openNamespace'>;
  readonly records: NameRecords;
}

/** Milliseconds to wait for a resolver that is too busy to receive sockets. */
const patience = 10_000;
const step = 5;

/**
 * Resolves when the sandbox is served and its port 53 leads to the resolver. Its record must be in the store. Throws
 * KERNEL, and errors of `call`.
 */
export async function serveSandbox(options: ServingOptions, id: string, call: Call): Promise<void> {
  options.records.refresh();
  const names = options.records.sandbox(id);
  if (!names) throw fail('BUG', `the store has no sandbox ${id} that the resolver serves`);
  const uses = socketUses(names);
  const namespace = isOwn(options, names.path)
    ? options.kernel.openNamespace(names.path)
    : await openForeign(options.kernel, names.path);
  try {
    const place = { sandbox: id, namespace: identityOf(fstatSync(namespace.fd)), uses: uses.join(' ') };
    const { ports } = await call({ op: 'find', ...place });
    if (ports) return restoreRedirect(namespace, ports);
    await handOver(options, { namespace, uses, id });
    const adopted = await call({ op: 'adopt', ...place });
    installRedirect(namespace, portsIn(adopted));
  } finally {
    namespace.close();
  }
}

/** The engine's own namespaces are at hand; the file of another may be on a mount that does not answer. */
const isOwn = ({ run }: ServingOptions, path: string): boolean => path.startsWith(`${run}/`);

/** Served sandboxes that are no longer in the store, or whose namespace was replaced. */
export async function outdated(
  options: ServingOptions,
  served: readonly Served[],
): Promise<readonly string[]> {
  options.records.refresh();
  const paths = served.map(({ sandbox }) => options.records.sandbox(sandbox)?.path);
  const found: string[] = [];
  for (const [index, { sandbox, namespace }] of served.entries())
    if (!(await isNamespaceAt(options, paths[index], namespace))) found.push(sandbox);
  return found;
}

/** A file that does not answer counts as it was. */
async function isNamespaceAt(
  options: ServingOptions,
  path: string | undefined,
  namespace: string,
): Promise<boolean> {
  if (path === undefined) return false;
  try {
    const found = await (isOwn(options, path) ? stat(path) : hostPaths.stat(path));
    return found !== undefined && identityOf(found) === namespace;
  } catch (thrown) {
    if (hasErrno(thrown, 'ENOENT', 'ENOTDIR')) return false;
    if (isSilent(thrown)) return true;
    throw thrown;
  }
}

async function handOver(
  { run }: ServingOptions,
  { namespace, uses, id }: { namespace: Namespace; uses: readonly SocketUse[]; id: string },
): Promise<void> {
  const sockets = openSockets(namespace, uses);
  try {
    await sendSockets(run, labelFor(id, uses), sockets);
  } finally {
    for (const fd of sockets) closeDescriptor(fd);
  }
}

/** Sends copies of sockets to the resolver, before the request that uses them. */
export async function sendSockets(run: string, label: string, sockets: readonly number[]): Promise<void> {
  for (let waited = 0; waited < patience; waited += step) {
    if (sendParcel(join(run, inboxName), label, sockets)) return;
    await sleep(step);
  }
  throw fail('RUNTIME_FAILED', 'handing sockets to the resolver', 'it does not take them');
}

function portsIn({ ports }: ControlAnswer & { readonly ok: true }): Ports {
  if (!ports) throw fail('RUNTIME_FAILED', 'asking the resolver', 'it does not say where it listens');
  return ports;
}
