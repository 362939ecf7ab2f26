/** The host's routes as the networks have to know them: by the names of links, without our own. */
import { seawayProtocol } from '../kernel/kernel.ts';
import { type HostRoute, ownLinks } from '../model/host-routes.ts';
import type { Core } from './core.ts';

/** Routes that somebody else made, default routes among them. */
export function listForeignRoutes({ kernel, model }: Pick<Core, 'kernel' | 'model'>): readonly HostRoute[] {
  const { route } = kernel.host;
  const own = ownLinks(model);
  const names = new Map<number, string>([[0, '']]);
  const nameOf = (index: number): string => {
    const name = names.get(index) ?? route.findLinkByIndex(index)?.name ?? '';
    names.set(index, name);
    return name;
  };
  return route
    .listRoutes()
    .filter(({ protocol }) => protocol !== seawayProtocol)
    .map(({ destination, link = 0 }) => ({ destination, link: nameOf(link) }))
    .filter(({ link }) => !own.has(link));
}
