/**
 * Connects namespaces that the engine did not create: `seaway network connect --netns`. Their owner decides how long they
 * live; what the engine has put into one is removed at its disconnection, and forgotten when the namespace is gone.
 */
import { type Stats, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fail, messageOf, SeawayError } from '../errors.ts';
import { hostPaths, isSilent } from '../kernel/files/host-paths.ts';
import type { Namespace } from '../kernel/kernel.ts';
import { openForeign } from '../kernel/netns/foreign.ts';
import type { Endpoint, EndpointSpec } from '../model/endpoint.ts';
import {
  connectExternal,
  disconnectExternal,
  type ExternalNamespace,
  externalSandboxes,
  findExternal,
} from '../model/external.ts';
import { findNetwork } from '../model/references.ts';
import type { Sandbox } from '../model/sandbox.ts';
import { closeSandbox } from '../model/sharing.ts';
import { parseOwner } from '../objects/owner.ts';
import { removeRedirect } from '../resolver/redirect.ts';
import { type Changing, change, follow, keep, takeAway } from './change.ts';
import { resolvConfText } from './containers/network-files.ts';
import type { Core } from './core.ts';
import { ExternalWatch } from './external-watch.ts';
import type { NamespaceDetail, NamespaceRef, NamespaceVerbs } from './namespace-verbs.ts';
import { networksMade } from './network-turns.ts';
import { withPrepared } from './prepared.ts';
import type { Preparing } from './preparing.ts';
import { type SandboxSources, sandboxContext } from './sandbox-context.ts';

export type ConnectingNamespaces = Changing & Preparing & SandboxSources & Pick<Core, 'events' | 'queue'>;

export function namespaceVerbs(core: ConnectingNamespaces, watch: ExternalWatch): NamespaceVerbs {
  const inTurn = <T>(action: () => Promise<T>): Promise<T> =>
    core.queue.run(turn, () => action().finally(() => watch.follow()));
  return {
    list: () => externalSandboxes(core.model).map((sandbox) => detail(core, sandbox)),
    connect: (ref, request) => inTurn(() => connect(core, ref, request)),
    disconnect: (ref, wanted) => inTurn(() => disconnect(core, ref, wanted)),
  };
}

/** Releases the endpoints of namespaces that are gone, from now on. */
export function watchExternal(core: ConnectingNamespaces): ExternalWatch {
  const watch = new ExternalWatch({
    model: core.model,
    look: () =>
      core.queue
        .run(turn, () => releaseGone(core).finally(() => watch.follow()))
        .catch((error) => core.logger.error('looking for namespaces that are gone', { error })),
  });
  watch.follow();
  return watch;
}

/** Serializes changes of external namespaces: one namespace may have several paths. */
const turn = 'external namespaces';

const detail = (core: Pick<Core, 'logger' | 'model'>, sandbox: Sandbox): NamespaceDetail => ({
  sandbox,
  resolvConf: resolvConfText(core, sandbox),
  attachments: core.model.endpointsOfSandbox(sandbox.id).map((endpoint) => ({
    endpoint,
    network: core.model.get('networks', endpoint.networkId),
  })),
});

async function connect(
  core: ConnectingNamespaces,
  ref: string,
  request: { readonly path: string; readonly name: string; readonly spec: Omit<EndpointSpec, 'network'> },
): Promise<NamespaceDetail> {
  await releaseGone(core);
  await networksMade(core, [ref]);
  const network = findNetwork(core.model, ref);
  // places on it are given by managers, to containers
  if (network.scope === 'swarm') throw fail('NOT_SUPPORTED', 'a namespace on a network of a swarm');
  const namespace = await lookAt(core, request.path);
  const spec = { ...request.spec, network: network.name };
  const destination = { name: request.name, sandboxPath: namespace.path, sysctls: {} };
  const { endpoint, sandbox } = await withPrepared(core, { specs: [spec], destination }, (prepared) =>
    change(core, (view) => {
      const wanted = { network: findNetwork(view, network.id), namespace, name: request.name, spec };
      return connectExternal(view, wanted, { ...sandboxContext(core), prepared });
    }),
  );
  emit(core, 'connect', { endpoint, sandbox });
  return detail(core, core.model.get('sandboxes', sandbox.id) ?? sandbox);
}

async function disconnect(
  core: ConnectingNamespaces,
  ref: string,
  { path, name }: NamespaceRef,
): Promise<void> {
  await releaseGone(core);
  const identity = await identityOf(path);
  const { endpoint, sandbox } = await takeAway(core, (view) => {
    const network = findNetwork(view, ref);
    const found = findExternal(view, network, { path, name, identity });
    const before = view.get('sandboxes', found.sandboxId);
    if (!before) throw fail('BUG', `no sandbox ${found.sandboxId}`);
    const changes = disconnectExternal(view, found, sandboxContext(core));
    return { endpoint: found, sandbox: before, changes };
  });
  if (sandbox.resolver && !core.model.get('sandboxes', sandbox.id)?.resolver)
    await forgetRedirect(core, sandbox);
  emit(core, 'disconnect', { endpoint, sandbox });
}

/** Releases addresses and names of namespaces whose file is gone or refers to another namespace. */
export async function releaseGone(core: ConnectingNamespaces): Promise<void> {
  for (const sandbox of externalSandboxes(core.model)) {
    if (!(await isGone(sandbox))) continue;
    core.logger.info('a namespace is gone: its endpoints are released', { path: sandbox.path });
    const { decided, scopes, owed } = await keep(core, (view) => ({
      endpoints: view.endpointsOfSandbox(sandbox.id),
      changes: closeSandbox(view, sandbox.id),
    }));
    const { endpoints } = decided;
    await follow(core, scopes).catch((error) =>
      core.logger.warn('releasing a namespace', { path: sandbox.path, error }),
    );
    await core.outbox.work(owed);
    for (const endpoint of endpoints) emit(core, 'disconnect', { endpoint, sandbox });
  }
}

/** One whose file system does not answer is not gone. */
const isGone = ({ path, namespace }: Sandbox): Promise<boolean> =>
  identityOf(path).then(
    (identity) => identity !== namespace,
    () => false,
  );

/** Device and inode of a namespace's file; '' if it does not exist. Throws HOST_PATH_SILENT. */
async function identityOf(path: string): Promise<string> {
  if (path === '') return '';
  const found = await hostPaths.stat(path).catch((thrown: unknown) => {
    if (thrown instanceof SeawayError) throw thrown;
    return undefined;
  });
  return found ? textOf(found) : '';
}

/** The same for a file that the engine has made, which answers at once. */
function ownIdentityOf(path: string): string {
  const found = path === '' ? undefined : statSync(path, { throwIfNoEntry: false });
  return found ? textOf(found) : '';
}

const textOf = ({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): string => `${dev}:${ino}`;

/** Throws NAMESPACE_INVALID if it is missing, not a network namespace, the engine's, a container's or another engine's. */
async function lookAt(core: Pick<Core, 'kernel' | 'model'>, path: string): Promise<ExternalNamespace> {
  const refuse = (why: string): Error => fail('NAMESPACE_INVALID', path, why);
  if (!isAbsolute(path)) throw refuse('it must be an absolute path');
  const identity = await identityOf(path);
  if (identity === '') throw refuse('no such file');
  if (identity === ownIdentityOf('/proc/thread-self/ns/net')) throw refuse("it is the engine's own");
  for (const sandbox of core.model.all('sandboxes'))
    if (sandbox.kind === 'own' && ownIdentityOf(sandbox.path) === identity)
      throw refuse(`it is that of container ${nameOf(core, sandbox)}: connect the container`);
  const links = await use(core, path, ({ route }) => route.listLinks());
  const stranger = links.find(({ alias }) => {
    const owner = parseOwner(alias);
    return owner?.scope === 'endpoint' && !core.model.get('endpoints', owner.id);
  });
  if (stranger) throw refuse(`it is connected by another engine (${stranger.name})`);
  return { path, identity, links: links.map(({ name }) => name) };
}

const nameOf = (core: Pick<Core, 'model'>, { containerId, parked }: Sandbox): string =>
  core.model.get('containers', containerId)?.name ?? parked?.name ?? '';

async function use<T>(
  core: Pick<Core, 'kernel'>,
  path: string,
  action: (namespace: Namespace) => T,
): Promise<T> {
  try {
    const namespace = await openForeign(core.kernel, path);
    try {
      return action(namespace);
    } finally {
      namespace.close();
    }
  } catch (error) {
    if (isSilent(error)) throw error;
    throw fail('NAMESPACE_INVALID', path, messageOf(error));
  }
}

/** Removes the rules that lead to the resolver: the namespace lives on without it. */
async function forgetRedirect(core: Pick<Core, 'kernel' | 'logger'>, { path }: Sandbox): Promise<void> {
  try {
    await use(core, path, removeRedirect);
  } catch (error) {
    core.logger.warn('the rules of the resolver stay in a namespace', { path, error });
  }
}

function emit(
  core: Pick<Core, 'events' | 'model'>,
  action: 'connect' | 'disconnect',
  { endpoint, sandbox }: { readonly endpoint: Endpoint; readonly sandbox: Sandbox },
): void {
  const network = core.model.get('networks', endpoint.networkId);
  if (!network) return;
  const attributes = { name: network.name, namespace: sandbox.path, endpoint: endpoint.name };
  core.events.emit({
    type: 'network',
    action,
    id: network.id,
    attributes: { ...attributes, type: network.driver },
  });
}
