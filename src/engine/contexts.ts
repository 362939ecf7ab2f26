/** What the transitions are told of the engine's settings and of the host. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulaPool } from '../ipam/choose-pool.ts';
import { bare } from '../model/leases.ts';
import type { NetworkContext } from '../model/networks.ts';
import type { SandboxContext } from '../model/sandboxes.ts';
import type { Core } from './core.ts';

export function networkContext(core: Core): NetworkContext {
  const { config, dice, kernel } = core;
  const v4 = config.defaultAddressPools.filter(({ base }) => !base.includes(':'));
  const v6 = config.defaultAddressPools.filter(({ base }) => base.includes(':'));
  return {
    dice,
    pools: [...v4, ...(v6.length > 0 ? v6 : [ulaPool(core.identity)])],
    routed: foreignRoutes(core, kernel.host.route.listRoutes()),
    defaultOptions: config.defaultNetworkOpts,
    facts: core.facts(),
    hasLink: (name) => kernel.host.route.findLink(name) !== undefined,
  };
}

/** Destinations that somebody else made the host route: those of our own links are in the model. */
function foreignRoutes(
  core: Core,
  routes: readonly { readonly destination: string; readonly link?: number }[],
): readonly string[] {
  const ours = new Set(Array.from(core.model.all('networks'), ({ link }) => link).filter(Boolean));
  const name = (index: number): string => core.kernel.host.route.findLinkByIndex(index)?.name ?? '';
  const known = new Map<number, boolean>();
  const isOurs = (index: number): boolean => {
    const seen = known.get(index) ?? ours.has(name(index));
    known.set(index, seen);
    return seen;
  };
  return routes.filter(({ link }) => !(link && isOurs(link))).map(({ destination }) => destination);
}

export function sandboxContext(core: Core, occupied: ReadonlySet<string> = new Set()): SandboxContext {
  const { config, dice } = core;
  return {
    dice,
    occupied,
    dynamic: dynamicPorts(core),
    bindAddress: config.bridge.ip,
    namespacePath: (sandboxId) => join(core.folders.namespaces, sandboxId.slice(0, 12)),
    dns: { servers: config.dns, search: config.dnsSearch, options: config.dnsOptions },
    hostGateways: hostGateways(core),
  };
}

/** What `host-gateway` stands for: as configured, else the default bridge's own addresses. */
function hostGateways(core: Core): readonly string[] {
  if (core.config.hostGatewayIPs.length > 0) return core.config.hostGatewayIPs;
  const pools = core.model.networkByName('bridge')?.ipam.pools ?? [];
  return pools.flatMap(({ gateway }) => (gateway ? [bare(gateway)] : []));
}

/** As the kernel chooses its own (net.ipv4.ip_local_port_range). */
function dynamicPorts(core: Core): { readonly first: number; readonly last: number } {
  const [first, last] = (core.kernel.host.readSysctl('net.ipv4.ip_local_port_range') ?? '')
    .split(/\s+/)
    .map(Number);
  return { first: first || 32768, last: last || 60999 };
}

/** The host's resolv.conf, '' where it has none. */
export function hostFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
