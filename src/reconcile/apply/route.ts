/** Routes carry the engine's protocol number, by which they are known again. */
import { type Route, seawayProtocol } from '../../kernel/kernel.ts';
import type { RouteObject } from '../../objects/object.ts';
import { indexOf, type Place } from '../place.ts';
import type { Applier } from './applier.ts';

function spec({ ns, link, destination, gateway }: Omit<RouteObject, 'kind'>, place: Place): Route {
  const index = indexOf(place, { ns, link, doing: `route ${destination}` });
  return {
    destination,
    link: index,
    protocol: seawayProtocol,
    ...(gateway ? { gateway } : { scope: 'link' }),
  };
}

const replace = (object: RouteObject, place: Place): void =>
  place.namespace(object.ns).route.replaceRoute(spec(object, place));

export const route: Applier<'route'> = {
  make: replace,
  change: ({ object }, place) => replace(object, place),
  remove: (observed, place) => place.namespace(observed.ns).route.removeRoute(spec(observed, place)),
};
