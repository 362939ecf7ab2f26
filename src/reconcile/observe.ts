/** Reading one scope: the host's links that are wanted, by name, and everything in one sandbox. */
import type { KernelObject, NamespaceRef } from '../objects/object.ts';
import type { ObservedObject } from '../objects/observed.ts';
import type { Inside, WantedLink } from './kinds/kind.ts';
import { activeKinds } from './kinds/table.ts';
import type { Place } from './place.ts';

/** What is looked at: the desired objects say which links of the host, `sandbox` whose inside. */
export interface Look {
  readonly desired: readonly KernelObject[];
  readonly sandbox?: NamespaceRef;
}

export function observe(place: Place, { desired, sandbox }: Look): readonly ObservedObject[] {
  const inside = sandbox === undefined ? undefined : lookInside(place, sandbox);
  const view = { place, desired, hostLinks: linksOnHost(place, desired), inside };
  return Object.values(activeKinds).flatMap((kind): readonly ObservedObject[] => kind.observe(view));
}

function lookInside(place: Place, ns: NamespaceRef): Inside {
  const namespace = place.namespace(ns);
  const links = namespace.route.listLinks();
  return { ns, namespace, links, byIndex: new Map(links.map((link) => [link.index, link])) };
}

const linksOnHost = (place: Place, desired: readonly KernelObject[]): readonly WantedLink[] =>
  desired.flatMap((wanted) => {
    if (wanted.kind !== 'link' || wanted.ns !== 'host') return [];
    const link = place.kernel.host.route.findLink(wanted.name);
    return link ? [{ wanted, link }] : [];
  });
