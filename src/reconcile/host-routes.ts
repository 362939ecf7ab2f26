/**
 * Cache of the host's routes, without the routes over the engine's own links (there may be thousands). Invalidated by
 * rtnetlink events, except those of the engine's own changes.
 */
import type { KernelEvent } from '../kernel/events.ts';
import type { Kernel, Route, RouteSocket } from '../kernel/kernel.ts';
import { seawayProtocol } from '../kernel/kernel.ts';
import { isDefaultRoute, isOwnLink } from '../model/host-routes.ts';
import type { View } from '../model/tables.ts';

/** A route of the host's main table, with its link at the time of reading. */
export interface ObservedHostRoute {
  readonly destination: string;
  readonly metric: number;
  /** Set by the engine. */
  readonly ours: boolean;
  /** Name, index and MTU of the link; '' and 0 for none. */
  readonly link: string;
  readonly index: number;
  readonly mtu: number;
}

export interface HostRoutes {
  /** Default routes, and routes over links that belong to no network. */
  routes(): readonly ObservedHostRoute[];
  /** Drops the cache, as when a link no longer belongs to a network. */
  invalidate(): void;
}

type Names = Map<number, string>;

export function readHostRoutes(
  route: RouteSocket,
  isOwn: (link: string) => boolean,
  names: Names = new Map(),
): readonly ObservedHostRoute[] {
  const nameOf = (index: number): string => {
    const name = names.get(index) ?? route.findLinkByIndex(index)?.name ?? '';
    names.set(index, name);
    return name;
  };
  return route
    .listRoutes()
    .filter((one) => isDefaultRoute(one) || !one.link || !isOwn(nameOf(one.link)))
    .map((one) => describe(one, route));
}

function describe(
  { destination, metric = 0, protocol, link = 0 }: Route,
  route: RouteSocket,
): ObservedHostRoute {
  const found = link === 0 ? undefined : route.findLinkByIndex(link);
  const ours = protocol === seawayProtocol;
  return { destination, metric, ours, link: found?.name ?? '', index: link, mtu: found?.mtu ?? 0 };
}

/** Reads the routes at each call. */
export const unwatchedHostRoutes = ({ host }: Pick<Kernel, 'host'>, view: Links): HostRoutes => ({
  routes: () => readHostRoutes(host.route, (link) => isOwnLink(view, link)),
  invalidate: () => undefined,
});

type Links = Pick<View, 'networksOfLink' | 'drivers'>;

export class WatchedHostRoutes implements HostRoutes {
  readonly #kernel: Pick<Kernel, 'host' | 'watch' | 'drain'>;
  readonly #view: Links;
  readonly #names: Names = new Map();
  #routes: readonly ObservedHostRoute[] | undefined;

  constructor(kernel: Pick<Kernel, 'host' | 'watch' | 'drain'>, view: Links) {
    this.#kernel = kernel;
    this.#view = view;
    kernel.watch((event) => this.#note(event));
  }

  routes(): readonly ObservedHostRoute[] {
    this.#kernel.drain();
    this.#routes ??= readHostRoutes(
      this.#kernel.host.route,
      (link) => isOwnLink(this.#view, link),
      this.#names,
    );
    return this.#routes;
  }

  invalidate(): void {
    this.#routes = undefined;
  }

  #note(event: KernelEvent): void {
    const { subject, action, name, index = 0 } = event;
    if (action === 'flush') this.#names.clear();
    else if (subject === 'link') {
      if (action === 'new') this.#names.set(index, name);
      else this.#names.delete(index);
    }
    if (this.#routes && this.#concerns(event, this.#routes)) this.invalidate();
  }

  /** Routes may disappear without an event when their link is removed or set down. */
  #concerns(
    { subject, action, name, index = 0, isDefault }: KernelEvent,
    known: readonly ObservedHostRoute[],
  ): boolean {
    if (action === 'flush') return subject !== 'firewall';
    if (subject !== 'link' && subject !== 'route') return false;
    // events of routes with several next hops have no link
    if (index === 0 || known.some((route) => route.index === index)) return true;
    if (subject === 'link') return false;
    return action === 'new' && (isDefault === true || !isOwnLink(this.#view, name));
  }
}
