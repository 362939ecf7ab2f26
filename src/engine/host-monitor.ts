/**
 * Changes of the host that concern networks: the uplink's MTU, and routes of other programs. Events of the kernel
 * trigger a check, which acts on differences from the last one.
 */
import { scopesOf } from '../affected/affected.ts';
import type { KernelEvent } from '../kernel/events.ts';
import { type HostRoute, isOwnLink, type RouteConflict, routeConflicts } from '../model/host-routes.ts';
import { type Following, follow } from './change.ts';
import type { Core } from './core.ts';
import { routesOfOthers } from './host-routes.ts';
import type { NetworkSources } from './network-context.ts';
import { predefinedChanges } from './predefined.ts';

export type Monitoring = Following & NetworkSources & Pick<Core, 'events' | 'logger' | 'records'>;

export class HostMonitor {
  readonly #core: Monitoring;
  readonly #changed: () => void;
  #uplinkMtu: number;
  /** MTU of the links of the host's routes, by name. */
  #links: ReadonlyMap<string, number> = new Map();
  /** Reported conflicts that still exist. */
  #known: ReadonlySet<string> = new Set();

  /** `changed` is called when routes or their links may be others. */
  constructor(core: Monitoring, changed: () => void = () => undefined) {
    this.#core = core;
    this.#changed = changed;
    this.#uplinkMtu = core.facts().uplinkMtu;
  }

  /** Whether an event is about routes of other links than networks', or links of the host's routes. */
  concerns({ subject, action, name }: KernelEvent): boolean {
    if (action === 'flush') return true;
    if (subject === 'link') return this.#links.has(name);
    return subject === 'route' && !isOwnLink(this.#core.model, name);
  }

  /** The first check: reports existing conflicts; nothing counts as changed. */
  begin(): void {
    const routes = routesOfOthers(this.#core);
    this.#links = this.#mtus(routes);
    this.#warn(routes);
  }

  async look(): Promise<void> {
    this.#changed();
    const routes = routesOfOthers(this.#core);
    this.#warn(routes);
    const before = this.#links;
    this.#links = this.#mtus(routes);
    const { uplinkMtu } = this.#core.facts();
    if (uplinkMtu !== this.#uplinkMtu) await this.#follow(uplinkMtu);
    // the clamping of segment sizes depends on them
    if (!sameEntries(before, this.#links)) await follow(this.#core, scopesOf({ firewall: true }));
  }

  /** Networks without an MTU of their own, and their endpoints, have the uplink's. */
  async #follow(uplinkMtu: number): Promise<void> {
    const { logger, model, records } = this.#core;
    logger.info('the MTU of the uplink has changed: networks without one of their own follow', {
      from: this.#uplinkMtu,
      to: uplinkMtu,
    });
    this.#uplinkMtu = uplinkMtu;
    await records.transact((view) => predefinedChanges(this.#core, view));
    for (const { id, name } of [...model.all('networks')])
      await follow(this.#core, scopesOf({ networks: new Set([id]) })).catch((error) =>
        logger.error('a network does not follow the uplink', { network: name, error }),
      );
  }

  #warn(routes: readonly HostRoute[]): void {
    const conflicts = routeConflicts(this.#core.model, routes);
    for (const conflict of conflicts) if (!this.#known.has(keyOf(conflict))) this.#warnOf(conflict);
    this.#known = new Set(conflicts.map(keyOf));
  }

  #warnOf({ network, subnet, route }: RouteConflict): void {
    const { logger, events } = this.#core;
    const both = { subnet, route: route.destination, device: route.link };
    logger.warn('a network and a route of the host claim the same addresses', {
      network: network.name,
      ...both,
    });
    const attributes = { ...both, name: network.name, type: network.driver };
    events.emit({ type: 'network', action: 'warning', id: network.id, attributes });
  }

  #mtus(routes: readonly HostRoute[]): ReadonlyMap<string, number> {
    const { route } = this.#core.kernel.host;
    const mtus = new Map<string, number>();
    for (const name of routes.map(({ link }) => link))
      if (name !== '' && !mtus.has(name)) mtus.set(name, route.findLink(name)?.mtu ?? 0);
    return mtus;
  }
}

const keyOf = ({ network, subnet, route }: RouteConflict): string =>
  `${network.id} ${subnet} ${route.destination} ${route.link}`;

const sameEntries = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
