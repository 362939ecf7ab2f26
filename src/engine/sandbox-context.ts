/** The engine's settings and the host's facts, as the transitions of sandboxes need them. */

import { join } from 'node:path';
import { defaultNetwork } from '../model/predefined-names.ts';
import type { SandboxContext } from '../model/sandboxes.ts';
import { bare, isLinkLocal } from '../net/address.ts';
import { familyOf } from '../net/family.ts';
import type { Core } from './core.ts';

export type SandboxSources = Pick<Core, 'config' | 'generate' | 'folders' | 'kernel' | 'model'>;

export function sandboxContext(
  core: SandboxSources,
  occupied: ReadonlySet<string> = new Set(),
): SandboxContext {
  const { config, generate } = core;
  return {
    generate,
    occupied,
    dynamic: dynamicPorts(core),
    bindAddress: config.bridge.ip,
    publishPolicy: config.publishPolicy,
    whyNotObeyed: whyNotObeyed(core),
    relays: areRelayed(core),
    addressesOf: (link) => addressesOf(core, link),
    namespacePath: (sandboxId) => join(core.folders.namespaces, sandboxId.slice(0, 12)),
    dns: { servers: config.dns, search: config.dnsSearch, options: config.dnsOptions },
    hostGateways: hostGateways(core),
  };
}

/** Addresses of `host-gateway`: as configured, else the default bridge's own. */
function hostGateways(core: Pick<Core, 'config' | 'model'>): readonly string[] {
  if (core.config.hostGatewayIPs.length > 0) return core.config.hostGatewayIPs;
  const pools = core.model.networkByName(defaultNetwork)?.ipam.pools ?? [];
  return pools.flatMap(({ gateway }) => (gateway ? [bare(gateway)] : []));
}

/** Ports by IPv6 that no rule translates are passed on, where the host has IPv6. */
export const areRelayed = ({ config, kernel }: Pick<Core, 'config' | 'kernel'>): boolean =>
  config.userlandProxy && kernel.host.readSysctl('net/ipv6/conf/lo/disable_ipv6') === '0';

/** The rules for it are nftables', whatever the backend is. */
function whyNotObeyed({ kernel, config }: Pick<Core, 'kernel' | 'config'>): string {
  if (!config.iptables) return 'this engine is not to make rules of the firewall (--iptables=false)';
  return kernel.firewallGeneration() === undefined ? 'the kernel lacks nf_tables' : '';
}

/** Those that ports can be bound to: an address on one link alone (RFC 4291, 2.5.6) needs the link in each socket. */
export function addressesOf({ kernel }: Pick<Core, 'kernel'>, link: string): readonly string[] {
  const { route } = kernel.host;
  const index = route.findLink(link)?.index;
  if (index === undefined) return [];
  return route
    .listAddresses(index)
    .filter(({ isTentative }) => !isTentative)
    .map(({ address }) => bare(address))
    .filter((address) => !(familyOf(address) === 6 && isLinkLocal(address)));
}

/** The kernel's range of dynamic ports (net.ipv4.ip_local_port_range). */
function dynamicPorts(core: Pick<Core, 'kernel'>): { readonly first: number; readonly last: number } {
  const [first, last] = (core.kernel.host.readSysctl('net.ipv4.ip_local_port_range') ?? '')
    .split(/\s+/)
    .map(Number);
  return { first: first || 32768, last: last || 60999 };
}
