/**
 * At start-up, with the whole model loaded: what says that it is the engine's and that nothing in the model
 * wants. A crash leaves such things.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Link } from '../kernel/kernel.ts';
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';
import { isMarked, parseOwner } from '../objects/owner.ts';
import type { Place } from './place.ts';
import { planNetworkScope } from './plan.ts';

export interface Sweep {
  readonly view: View;
  readonly place: Place;
  readonly namespacesFolder: string;
  facts(): Facts;
  trace(line: string): void;
}

/** Resolves with the number of things that were removed. */
export async function sweep(context: Sweep): Promise<number> {
  const { view, place, namespacesFolder, trace } = context;
  const wanted = wantedLinks(context);
  const strays = place.kernel.host.route.listLinks().filter((link) => isStray(link, wanted, context));
  const names = strays.map(({ name }) => name);
  for (const name of names) trace(`act=remove kind=link ns=host key=${name} why=stray`);
  const links = place.kernel.host.route.removeLinks(names);
  const used = new Set(Array.from(view.all('sandboxes'), ({ path }) => path));
  const paths = filesIn(namespacesFolder).filter((path) => !used.has(path));
  for (const path of paths) trace(`act=remove kind=namespace key=${path} why=stray`);
  // each is tried even if another fails
  const results = await Promise.allSettled([
    links,
    ...paths.map((path) => place.kernel.removeNamespace(path)),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return names.length + paths.length;
}

/** Mounted on or not: an engine that was killed as it made or removed a namespace leaves the bare file. */
export const filesIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];

/** Names of the host's links that some scope plans. */
function wantedLinks({ view, facts }: Sweep): ReadonlySet<string> {
  const seen = facts();
  const names = new Set<string>();
  for (const { id } of view.all('networks'))
    for (const object of planNetworkScope(view, id, seen))
      if (object.kind === 'link')
        for (const name of [object.name, ...('peer' in object ? [object.peer.name] : [])]) names.add(name);
  for (const { hostLink } of view.all('endpoints')) names.add(hostLink);
  return names;
}

/** One that passes from a network that is gone to another (a shared VLAN sub-interface) is wanted by its name. */
function isStray(link: Link, wanted: ReadonlySet<string>, { view }: Sweep): boolean {
  if (link.alias === '') return isMarked(link) && !wanted.has(link.name);
  const owner = parseOwner(link.alias);
  if (!owner) return false;
  if (!wanted.has(link.name)) return true;
  return owner.scope === 'endpoint' && !view.get('endpoints', owner.id);
}
