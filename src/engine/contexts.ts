/** What the transitions are told of the engine's settings and of the host. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ulaPool } from '../ipam/choose-pool.ts';
import { isDefaultRoute } from '../model/host-routes.ts';
import { bare } from '../model/leases.ts';
import type { Processors } from '../model/limits.ts';
import type { NetworkContext } from '../model/networks.ts';
import type { SandboxContext } from '../model/sandboxes.ts';
import { parseResolvConf } from '../names/resolv-conf.ts';
import type { Core } from './core.ts';
import { listForeignRoutes } from './host-routes.ts';

/** `id`: of the network to be made. */
export function networkContext(core: Core, id?: string): NetworkContext {
  const { config, kernel } = core;
  const dice = id === undefined ? core.dice : { ...core.dice, id: () => id };
  const v4 = config.defaultAddressPools.filter(({ base }) => !base.includes(':'));
  const v6 = config.defaultAddressPools.filter(({ base }) => base.includes(':'));
  return {
    dice,
    pools: [...v4, ...(v6.length > 0 ? v6 : [ulaPool(core.identity)])],
    routed: [...claimed(core), ...hostServers()],
    defaultOptions: config.defaultNetworkOpts,
    facts: core.facts(),
    hasLink: (name) => kernel.host.route.findLink(name) !== undefined,
  };
}

/** Destinations that somebody else made the host route: those of our own links are in the model. */
const claimed = (core: Core): readonly string[] =>
  listForeignRoutes(core).flatMap((route) => (isDefaultRoute(route) ? [] : [route.destination]));

/** As dockerd: no network may hide the servers that names are asked of. */
const hostServers = (): readonly string[] =>
  parseResolvConf(hostFile('/etc/resolv.conf')).servers.map(
    (address) => `${address}/${address.includes(':') ? 128 : 32}`,
  );

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

/** The last number of the kernel's list (`0-3,6`) of those that work. */
function highestOnline(kind: 'cpu' | 'node', otherwise: number): number {
  const list = hostFile(`/sys/devices/system/${kind}/online`).trim();
  return list === '' ? otherwise : Number(list.split(/[,-]/).at(-1));
}

export function processors(): Processors {
  const count = cpus().length;
  return {
    count,
    highest: highestOnline('cpu', count - 1),
    highestMemoryNode: highestOnline('node', 0),
  };
}
