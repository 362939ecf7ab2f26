/** The scope of a sandbox: its namespace with everything inside, and the links that lead into it. */
import { basename } from 'node:path';
import type { Link } from '../kernel/kernel.ts';
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';
import { isMarked, isOurs, parseOwner } from '../objects/owner.ts';
import { compareScope, convergeScope, type Scope } from './converge.ts';
import type { Action } from './diff.ts';
import type { Handles } from './handles.ts';
import { removeAccess } from './kinds/access.ts';
import { giveBackAll } from './kinds/link.ts';
import type { Namespaces } from './namespaces.ts';
import { planSandboxScope } from './plan.ts';

export interface SandboxScopes {
  readonly view: View;
  readonly handles: Handles;
  readonly namespaces: Namespaces;
  readonly namespacesFolder: string;
  /** See `ReconcilerOptions`. */
  readonly follows?: (sandboxId: string) => () => void;
  facts(): Facts;
  trace(line: string): void;
}

/** `choose` selects the actions to take. */
export async function reconcileSandbox(
  sandboxId: string,
  scopes: SandboxScopes,
  choose?: Scope['choose'],
): Promise<number> {
  const { view, handles, namespaces } = scopes;
  const sandbox = view.get('sandboxes', sandboxId);
  if (!sandbox) return removeSandbox(sandboxId, scopes);
  if (sandbox.kind === 'host') return 0;
  await namespaces.ensure(sandbox);
  return convergeScope({ ...scopeOf(sandboxId, scopes), ...(choose && { choose }) }, handles, scopes.trace);
}

/** What converging a sandbox in the model would do. Changes nothing; a missing namespace counts as empty. */
export function compareSandbox(sandboxId: string, scopes: SandboxScopes): readonly Action[] {
  const { handles, view } = scopes;
  if (view.get('sandboxes', sandboxId)?.kind === 'host') return [];
  return compareScope(scopeOf(sandboxId, scopes), handles);
}

const scopeOf = (sandboxId: string, { view, facts }: SandboxScopes) => ({
  name: `sandbox:${sandboxId}`,
  desired: planSandboxScope(view, sandboxId, facts()),
  inside: [sandboxId],
});

/**
 * Removes the host's ends first, so that they are gone when this resolves: the kernel destroys an unused namespace
 * some time later.
 */
async function removeSandbox(sandboxId: string, scopes: SandboxScopes): Promise<number> {
  const { handles, namespaces } = scopes;
  const path = namespaces.known(sandboxId)?.path ?? pathOf(sandboxId, scopes);
  const namespace =
    namespaces.known(sandboxId) ?? (path === undefined ? undefined : namespaces.openAt(sandboxId, path));
  const found = namespace?.route.listLinks() ?? [];
  const ends = hostEnds(found, handles);
  const links = ends.map(({ name }) => name);
  // they hold MAC addresses on their parent that the next sandbox may use again
  const inside = ownLinks(found, ends);
  for (const name of [...links, ...inside]) scopes.trace(`act=remove kind=link ns=host key=${name}`);
  if (namespace && !(path !== undefined && isOwn(path, scopes))) removeAccess(namespace);
  if (namespace) giveBackAll({ links: found, route: namespace.route }, handles);
  await handles.kernel.host.route.removeLinks(links);
  await namespace?.route.removeLinks(inside);
  handles.unwatch(sandboxId);
  namespaces.close(sandboxId);
  if (path === undefined || !isOwn(path, scopes)) return links.length + inside.length;
  scopes.trace(`act=remove kind=namespace key=${path}`);
  await handles.kernel.removeNamespace(path);
  return links.length + 1;
}

const isOwn = (path: string, { namespacesFolder }: SandboxScopes): boolean =>
  path.startsWith(`${namespacesFolder}/`);

/** The namespace's file of a sandbox that is not open, found by its name, a prefix of the id. */
const pathOf = (sandboxId: string, { handles, namespacesFolder }: SandboxScopes): string | undefined =>
  handles.kernel
    .listNamespaces(namespacesFolder)
    .find((path) => basename(path).length >= 12 && sandboxId.startsWith(basename(path)));

/** The ends on the host of the engine's pairs that end in these links. */
const hostEnds = (links: readonly Link[], { kernel }: Handles): readonly Link[] =>
  links.flatMap((inner): Link[] => {
    const outer = inner.type === 'veth' ? kernel.host.route.findLinkByIndex(inner.parent) : undefined;
    if (outer?.parent !== inner.index || !(isOurs(outer.alias) || isMarked(outer))) return [];
    // an end in a network's namespace has an index of that one, which a link of the host may have as well
    return inner.alias !== '' && outer.alias !== '' && inner.alias !== outer.alias ? [] : [outer];
  });

/** The engine's links in a namespace, without pairs, which go with their ends on the host. */
const ownLinks = (links: readonly Link[], hostEnds: readonly Link[]): string[] =>
  links
    .filter(({ type, alias, index }) => {
      const isEnd = type === 'veth' && hostEnds.some(({ parent }) => parent === index);
      const owner = isEnd ? undefined : parseOwner(alias);
      return owner?.scope === 'endpoint' && owner.from === undefined;
    })
    .map(({ name }) => name);
