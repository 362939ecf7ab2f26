/** The host's routes as the networks have to know them: by the names of links, without our own. */
import { type HostRoute, isOwnLink } from '../model/host-routes.ts';
import type { Core } from './core.ts';

/** Routes that somebody else made, default routes among them. */
export const routesOfOthers = ({
  hostRoutes,
  model,
}: Pick<Core, 'hostRoutes' | 'model'>): readonly HostRoute[] =>
  hostRoutes
    .routes()
    .filter(({ ours, link }) => !ours && !isOwnLink(model, link))
    .map(({ destination, link }) => ({ destination, link }));
