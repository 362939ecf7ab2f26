/**
 * Removes objects at start-up that are marked as the engine's and that the model does not want, as left by a crash.
 * The whole model must be loaded.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Link, seawayProtocol } from '../kernel/kernel.ts';
import { meshLink } from '../model/mesh.ts';
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';
import { isMarked, parseOwner } from '../objects/owner.ts';
import type { Handles } from './handles.ts';
import { giveBackAll } from './kinds/link.ts';
import type { Namespaces } from './namespaces.ts';
import { objectsOfNetwork } from './plan.ts';
import { removeMesh } from './remove-mesh.ts';

export interface Sweep {
  readonly view: View;
  readonly handles: Handles;
  readonly namespacesFolder: string;
  readonly namespaces: Pick<Namespaces, 'pathOf'>;
  facts(): Facts;
  trace(line: string): void;
}

/** What sweeping would remove: names of links, paths of namespaces. Changes nothing. */
export function straysOf(context: Sweep): readonly string[] {
  const wanted = wantedLinks(context);
  const links = context.handles.kernel.host.route
    .listLinks()
    .filter((link) => isStray(link, wanted, context));
  return [...links.map(({ name }) => name), ...strayPaths(context)];
}

const strayPaths = (context: Sweep): readonly string[] => {
  const used = new Set([
    ...Array.from(context.view.all('sandboxes'), ({ path }) => path),
    ...networkPaths(context),
  ]);
  return filesIn(context.namespacesFolder).filter((path) => !used.has(path));
};

/** Resolves with the number of removed objects. */
export async function sweep(context: Sweep): Promise<number> {
  const { handles, namespacesFolder, trace } = context;
  const wanted = wantedLinks(context);
  const found = handles.kernel.host.route.listLinks();
  for (const link of found) {
    const from = parseOwner(link.alias)?.from;
    if (from !== undefined) release(link, from, handles);
  }
  const strays = found.filter((link) => isStray(link, wanted, context));
  if (!found.some(({ name }) => name === meshLink) || strays.some(({ name }) => name === meshLink))
    removeStaleMesh(context);
  const names = strays.map(({ name }) => name);
  for (const name of names) trace(`act=remove kind=link ns=host key=${name} why=stray`);
  const links = handles.kernel.host.route.removeLinks(names);
  const paths = strayPaths(context);
  for (const path of paths) trace(`act=remove kind=namespace key=${path} why=stray`);
  const mounted = new Set(handles.kernel.listNamespaces(namespacesFolder));
  // each is tried even if another fails
  const results = await Promise.allSettled([
    links,
    ...paths.map((path) => removeNamespace(path, handles, mounted.has(path))),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return names.length + paths.length;
}

/** A routing rule is left where an engine was killed while it removed the mesh. */
function removeStaleMesh({ view, handles, trace }: Sweep): void {
  const isWanted = Array.from(view.all('networks')).some(({ ingress }) => ingress);
  const rules = handles.kernel.host.route.listRules();
  if (!isWanted && rules.some(({ protocol }) => protocol === seawayProtocol)) removeMesh(handles, trace);
}

/** Moves adopted links back first: the kernel removes most kinds of links with their namespace. */
async function removeNamespace(path: string, handles: Handles, isMounted: boolean): Promise<void> {
  const { kernel } = handles;
  const namespace = isMounted ? kernel.openNamespace(path) : undefined;
  try {
    if (namespace) giveBackAll({ links: namespace.route.listLinks(), route: namespace.route }, handles);
  } finally {
    namespace?.close();
  }
  await kernel.removeNamespace(path);
}

/** The kernel moved this hardware link back to the host when its namespace ended, with the alias. */
function release(link: Link, from: string, { kernel }: Handles): void {
  const { route } = kernel.host;
  route.changeLink(link.index, { alias: '', ...(route.findLink(from) ? {} : { name: from }) });
}

/** All files, mounted or not: an engine that was killed while it made or removed a namespace leaves the bare file. */
export const filesIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];

/** Files of the namespaces that networks plan for their own links. */
const networkPaths = ({ view, facts, namespaces }: Sweep): readonly string[] =>
  Array.from(view.all('networks')).flatMap(({ id }) =>
    objectsOfNetwork(view, id, facts()).some(({ kind }) => kind === 'namespace')
      ? [namespaces.pathOf(id)]
      : [],
  );

/** Names of the host's links that some scope plans. */
function wantedLinks({ view, facts }: Sweep): ReadonlySet<string> {
  const seen = facts();
  const names = new Set<string>();
  for (const { id } of view.all('networks'))
    for (const object of objectsOfNetwork(view, id, seen))
      if (object.kind === 'link' && object.ns === 'host')
        for (const name of [object.name, ...('peer' in object ? [object.peer.name] : [])]) names.add(name);
  for (const { hostLink } of view.all('endpoints')) names.add(hostLink);
  return names;
}

/** A link that another network takes over (a shared VLAN sub-interface) is wanted by its name. */
function isStray(link: Link, wanted: ReadonlySet<string>, { view }: Sweep): boolean {
  if (link.alias === '') return isMarked(link) && !wanted.has(link.name);
  const owner = parseOwner(link.alias);
  if (!owner || owner.from !== undefined) return false;
  if (!wanted.has(link.name)) return true;
  return owner.scope === 'endpoint' && !view.get('endpoints', owner.id);
}
