/** Whether clamping TCP's segment sizes helps: a network has a larger MTU than a link that the host routes to. */
import { isOnHost, isOwnLink } from '../model/host-routes.ts';
import type { View } from '../model/tables.ts';
import { mtuFollowing } from '../net/mtu.ts';
import type { Facts } from '../objects/object.ts';
import type { HostRoutes } from './host-routes.ts';

/** The largest MTU of the networks that the host forwards for; the default is the uplink's. */
function widest(view: Pick<View, 'all' | 'drivers'>, { uplinkMtu }: Facts): number {
  let largest = 0;
  for (const network of view.all('networks'))
    if (isOnHost(view.drivers, network)) {
      const { mtu } = view.drivers.find(network.driver).forwarding?.(network) ?? { mtu: 0 };
      largest = Math.max(largest, mtu || mtuFollowing(uplinkMtu, network.enableIPv6));
    }
  return largest;
}

/** False where no link has a smaller MTU, the usual case, so that packets pass no clamping rules. */
export function clampingHelps(
  view: Pick<View, 'all' | 'networksOfLink' | 'drivers'>,
  hostRoutes: Pick<HostRoutes, 'routes'>,
  facts: Facts,
): boolean {
  const limit = widest(view, facts);
  return hostRoutes.routes().some(({ link, mtu }) => mtu > 0 && mtu < limit && !isOwnLink(view, link));
}
