/** Permanent neighbours, only on tunnels. */
import type { Link, Neighbour, RouteSocket } from '../../kernel/kernel.ts';
import type { NamespaceRef } from '../../objects/namespace-ref.ts';
import type { NeighbourObject } from '../../objects/object.ts';
import { type Handles, indexOf } from '../handles.ts';
import type { ActiveKind, ScopeView } from './kind.ts';

interface Tunnel {
  readonly ns: NamespaceRef;
  readonly link: Link;
  readonly route: RouteSocket;
}

/** Existing VXLAN links that the scope wants. */
export const tunnelsIn = ({ handles, desired }: ScopeView): readonly Tunnel[] =>
  desired.flatMap((wanted) => {
    if (wanted.kind !== 'link' || wanted.type !== 'vxlan') return [];
    const { ns, name } = wanted;
    const route = handles.find(ns)?.route;
    const link = route?.findLink(name);
    return route && link?.type === 'vxlan' ? [{ ns, link, route }] : [];
  });

const spec = ({ ns, link, address, mac }: Omit<NeighbourObject, 'kind'>, handles: Handles): Neighbour => ({
  link: indexOf(handles, { ns, link, doing: `set neighbour ${address}` }),
  address,
  mac,
});

/** Whoever spoke with the one that had the address before learns the new MAC at once. */
function replace(object: NeighbourObject, handles: Handles): void {
  handles.namespace(object.ns).route.replaceNeighbour(spec(object, handles));
  handles.announceNeighbour(object);
}

export const neighbour: ActiveKind<'neighbour'> = {
  observe: (view) =>
    tunnelsIn(view).flatMap(({ ns, link, route }) =>
      route.listNeighbours(link.index).map(({ address, mac }) => ({
        kind: 'neighbour' as const,
        ns,
        link: link.name,
        address,
        mac,
        alias: link.alias,
      })),
    ),
  make: replace,
  change: ({ object }, handles) => replace(object, handles),
  remove: (observed, handles) =>
    handles.namespace(observed.ns).route.removeNeighbour(spec(observed, handles)),
};
