/** The firewall's scope with the backend that is used. */
import type { FilterChange } from '../firewall/packet-filter.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type FirewallBackend, openFilter } from './filter/choose.ts';
import { type FirewallContext, FirewallScope } from './firewall-scope.ts';

type AnyContext = FirewallContext<unknown, FilterChange>;

interface Opening extends Omit<AnyContext, 'filter' | 'host'> {
  readonly kernel: Kernel;
  readonly backend: FirewallBackend;
}

export const openFirewall = (opening: Opening): FirewallScope<unknown, FilterChange> =>
  new FirewallScope({
    ...opening,
    host: opening.kernel.host,
    filter: openFilter(opening.backend, opening.kernel),
  });
