/** Whether cutting TCP's segment sizes helps: a network has a larger MTU than some link that the host routes to. */
import { mtuOption } from '../drivers/options.ts';
import type { RouteSocket } from '../kernel/kernel.ts';
import { ownLinks } from '../model/host-routes.ts';
import type { View } from '../model/tables.ts';
import type { Facts } from '../objects/object.ts';

/** The largest MTU of the networks that lead through the host; one that is not asked for is the uplink's. */
function widest(view: Pick<View, 'all'>, own: ReadonlySet<string>, { uplinkMtu }: Facts): number {
  let largest = 0;
  for (const { link, options } of view.all('networks'))
    if (own.has(link)) largest = Math.max(largest, Number(options[mtuOption]) || uplinkMtu);
  return largest;
}

/** Where no link is narrower (the rule), no packet has to pass rules for it. */
export function clampingHelps(view: Pick<View, 'all'>, host: RouteSocket, facts: Facts): boolean {
  const own = ownLinks(view);
  const limit = widest(view, own, facts);
  const links = new Set(host.listRoutes().flatMap(({ link }) => link || []));
  return [...links].some((index) => {
    const link = host.findLinkByIndex(index);
    return link !== undefined && !own.has(link.name) && link.mtu < limit;
  });
}
