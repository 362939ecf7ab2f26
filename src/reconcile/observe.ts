/** Observes one scope: everything in its own namespaces, and wanted links elsewhere by name. */
import type { NamespaceRef } from '../objects/namespace-ref.ts';
import { parseNamespace } from '../objects/namespace-ref.ts';
import type { KernelObject } from '../objects/object.ts';
import type { ObservedObject } from '../objects/observed.ts';
import { parseOwner } from '../objects/owner.ts';
import type { Handles } from './handles.ts';
import type { Inside, WantedLink } from './kinds/kind.ts';
import { activeKinds } from './kinds/table.ts';

/** What to observe: the scope's own namespaces, and links of desired objects elsewhere. */
export interface Look {
  readonly desired: readonly KernelObject[];
  readonly inside?: readonly NamespaceRef[];
}

export function observe(handles: Handles, { desired, inside = [] }: Look): readonly ObservedObject[] {
  const view = {
    handles,
    desired,
    outside: wantedLinks(handles, desired, inside),
    inside: inside.flatMap((ns) => lookInside(handles, ns)),
  };
  return Object.values(activeKinds).flatMap((kind): readonly ObservedObject[] => kind.observe(view));
}

/** Empty for a missing namespace. In a network's namespace endpoints' links belong to the sandboxes' scopes. */
function lookInside(handles: Handles, ns: NamespaceRef): readonly Inside[] {
  const namespace = handles.find(ns);
  if (!namespace) return [];
  const all = namespace.route.listLinks();
  const isOther = parseNamespace(ns).of === 'network';
  const links = isOther ? all.filter(({ alias }) => parseOwner(alias)?.scope !== 'endpoint') : all;
  return [{ ns, namespace, links, byIndex: new Map(links.map((link) => [link.index, link])) }];
}

const wantedLinks = (
  handles: Handles,
  desired: readonly KernelObject[],
  inside: readonly NamespaceRef[],
): readonly WantedLink[] =>
  desired.flatMap((wanted) => {
    if (wanted.kind !== 'link' || inside.includes(wanted.ns)) return [];
    const namespace = handles.find(wanted.ns);
    const link = namespace?.route.findLink(wanted.name);
    return namespace && link ? [{ wanted, link, namespace }] : [];
  });
