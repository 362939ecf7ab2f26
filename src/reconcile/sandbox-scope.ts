/** One sandbox: its namespace, the links that lead into it, and what is inside. */
import { basename } from 'node:path';
import type { Link } from '../kernel/kernel.ts';
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';
import { isMarked, isOurs, parseOwner } from '../objects/owner.ts';
import { compareScope, convergeScope, type Scope } from './converge.ts';
import type { Action } from './diff.ts';
import type { Handles } from './handles.ts';
import { giveBackAll } from './kinds/link.ts';
import type { Namespaces } from './namespaces.ts';
import { planSandboxScope } from './plan.ts';

export interface SandboxScopes {
  readonly view: View;
  readonly handles: Handles;
  readonly namespaces: Namespaces;
  readonly namespacesFolder: string;
  facts(): Facts;
  trace(line: string): void;
}

/** `choose`: which of the actions are taken. */
export async function reconcileSandbox(
  sandboxId: string,
  scopes: SandboxScopes,
  choose?: Scope['choose'],
): Promise<number> {
  const { view, handles, namespaces } = scopes;
  const sandbox = view.get('sandboxes', sandboxId);
  if (!sandbox) return removeSandbox(sandboxId, scopes);
  if (sandbox.kind === 'host') return 0;
  namespaces.ensure(sandbox);
  return convergeScope({ ...scopeOf(sandboxId, scopes), ...(choose && { choose }) }, handles, scopes.trace);
}

/** What converging a sandbox of the model would do. Changes nothing; a namespace that is not there is empty. */
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
 * The host's ends go first, so that they are gone when this resolves: the kernel takes down a namespace
 * that nobody uses any more at some later time.
 */
async function removeSandbox(sandboxId: string, scopes: SandboxScopes): Promise<number> {
  const { handles, namespaces } = scopes;
  const path = namespaces.known(sandboxId)?.path ?? pathOf(sandboxId, scopes);
  const namespace =
    namespaces.known(sandboxId) ?? (path === undefined ? undefined : namespaces.openAt(sandboxId, path));
  const found = namespace?.route.listLinks() ?? [];
  const ends = hostEnds(found, handles);
  const links = ends.map(({ name }) => name);
  // they hold their MAC addresses on their parent, which the next sandbox may have again
  const inside = ownLinks(found, ends);
  for (const name of [...links, ...inside]) scopes.trace(`act=remove kind=link ns=host key=${name}`);
  if (namespace) giveBackAll({ links: found, route: namespace.route }, handles);
  await handles.kernel.host.route.removeLinks(links);
  await namespace?.route.removeLinks(inside);
  namespaces.close(sandboxId);
  if (path === undefined || !isOwn(path, scopes)) return links.length + inside.length;
  scopes.trace(`act=remove kind=namespace key=${path}`);
  await handles.kernel.removeNamespace(path);
  return links.length + 1;
}

const isOwn = (path: string, { namespacesFolder }: SandboxScopes): boolean =>
  path.startsWith(`${namespacesFolder}/`);

/** Of a sandbox that was made before this engine started: its file is named by its id. */
const pathOf = (sandboxId: string, { handles, namespacesFolder }: SandboxScopes): string | undefined =>
  handles.kernel
    .listNamespaces(namespacesFolder)
    .find((path) => basename(path).length >= 12 && sandboxId.startsWith(basename(path)));

/** The host's ends of the engine's pairs whose other ends are these links of a namespace. */
const hostEnds = (links: readonly Link[], { kernel }: Handles): readonly Link[] =>
  links.flatMap((inner): Link[] => {
    const outer = inner.type === 'veth' ? kernel.host.route.findLinkByIndex(inner.parent) : undefined;
    if (outer?.parent !== inner.index || !(isOurs(outer.alias) || isMarked(outer))) return [];
    // an end in a network's namespace has an index of that one, which a link of the host may have as well
    return inner.alias !== '' && outer.alias !== '' && inner.alias !== outer.alias ? [] : [outer];
  });

/** The engine's own among the links of a namespace, without pairs, which are gone with the host's ends. */
const ownLinks = (links: readonly Link[], hostEnds: readonly Link[]): string[] =>
  links
    .filter(({ type, alias, index }) => {
      const isEnd = type === 'veth' && hostEnds.some(({ parent }) => parent === index);
      const owner = isEnd ? undefined : parseOwner(alias);
      return owner?.scope === 'endpoint' && owner.from === undefined;
    })
    .map(({ name }) => name);
