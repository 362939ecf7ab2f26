/** Limits of what links send. */
import type { QdiscObject } from '../../objects/object.ts';
import type { ObservedQdisc } from '../../objects/observed.ts';
import { type Handles, indexOf } from '../handles.ts';
import type { ActiveKind } from './kind.ts';

function make({ ns, link, rate, burst, limit }: QdiscObject, handles: Handles): void {
  const index = indexOf(handles, { ns, link, doing: 'limit its rate' });
  handles.namespace(ns).route.setShaper(index, { rate, burst, limit });
}

export const qdisc: ActiveKind<'qdisc'> = {
  /** Links tell the kind of their queue, so that only those with a limit are asked for it. */
  observe: ({ outside, inside }) =>
    [
      ...outside.map(({ wanted: { ns }, link, namespace }) => ({ ns, link, namespace })),
      ...inside.flatMap(({ ns, namespace, links }) => links.map((link) => ({ ns, link, namespace }))),
    ].flatMap(({ ns, link, namespace }): ObservedQdisc[] => {
      const found = link.isShaped ? namespace.route.findShaper(link.index) : undefined;
      return found ? [{ kind: 'qdisc', ns, link: link.name, rate: found.rate, limit: found.limit }] : [];
    }),
  make,
  change: ({ object }, handles) => make(object, handles),
  remove({ ns, link }, handles) {
    const { route } = handles.namespace(ns);
    const index = route.findLink(link)?.index;
    if (index !== undefined) route.removeShaper(index);
  },
};
