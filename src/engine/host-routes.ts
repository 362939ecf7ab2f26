/** The host's routes by names of links, without the engine's own. */
import { type HostRoute, isOwnLink } from '../model/host-routes.ts';
import type { Core } from './core.ts';

/** Routes of other programs, including default routes. */
export const routesOfOthers = ({
  hostRoutes,
  model,
}: Pick<Core, 'hostRoutes' | 'model'>): readonly HostRoute[] =>
  hostRoutes
    .routes()
    .filter(({ ours, link }) => !ours && !isOwnLink(model, link))
    .map(({ destination, link }) => ({ destination, link }));
