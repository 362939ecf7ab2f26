/** Routes, marked by the engine's protocol number. */
import { type Route, seawayProtocol } from '../../kernel/kernel.ts';
import { linkTypeOf } from '../../objects/link-types.ts';
import type { NamespaceRef } from '../../objects/namespace-ref.ts';
import type { RouteObject } from '../../objects/object.ts';
import type { ObservedRoute } from '../../objects/observed.ts';
import { type Handles, indexOf } from '../handles.ts';
import type { ActiveKind } from './kind.ts';

function spec({ ns, link, destination, gateway }: Omit<RouteObject, 'kind'>, handles: Handles): Route {
  const index = indexOf(handles, { ns, link, doing: `route ${destination}` });
  return {
    destination,
    link: index,
    protocol: seawayProtocol,
    ...(gateway ? { gateway } : { scope: 'link' }),
  };
}

const replace = (object: RouteObject, handles: Handles): void =>
  handles.namespace(object.ns).route.replaceRoute(spec(object, handles));

const describe = (
  { destination, gateway, protocol }: Route,
  link: string,
  ns: NamespaceRef,
): ObservedRoute => ({
  kind: 'route',
  ns,
  destination,
  link,
  gateway: gateway ?? '',
  ours: protocol === seawayProtocol,
});

export const route: ActiveKind<'route'> = {
  /** On the host only routes of link types with `hostSide.routes`. */
  observe: ({ outside, inside }) => [
    ...outside
      .filter(({ wanted }) => linkTypeOf(wanted.type).hostSide?.routes)
      .flatMap(({ wanted, link, namespace }) =>
        namespace.route.listRoutes({ link: link.index }).map((one) => describe(one, link.name, wanted.ns)),
      ),
    ...inside.flatMap(({ ns, namespace, byIndex }) =>
      namespace.route.listRoutes().map((one) => describe(one, byIndex.get(one.link ?? 0)?.name ?? '', ns)),
    ),
  ],
  make: replace,
  change: ({ object }, handles) => replace(object, handles),
  remove: (observed, handles) => handles.namespace(observed.ns).route.removeRoute(spec(observed, handles)),
};
