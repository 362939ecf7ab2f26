/** `openKernel` makes the Kernel of a process. */
import { access } from 'node:fs';
import type { PacketDoor } from './capture/contract.ts';
import { watchDrops } from './capture/drops.ts';
import { openCapture } from './capture/ring.ts';
import type {
  InnerWatch,
  IptablesDoor,
  KernelMount,
  NftablesDoor,
  RulesetChanges,
  WireguardDoor,
} from './doors.ts';
import type { KernelEvent } from './events.ts';
import type {
  HeldRange,
  HeldSocket,
  PortFlows,
  PortPlace,
  PortProtocol,
  PortRange,
  StaleFlows,
} from './flows.ts';
import type { Inspector } from './inspect/contract.ts';
import { inspect } from './inspect/inspect.ts';
import type { Kernel, Namespace, SysctlWatching, TunnelPlace } from './kernel.ts';
import { innerSockets, Monitor, ruleSockets } from './monitor/monitor.ts';
import { listMounts, mount, mountOffLoop, mountShared, unmount } from './mounts/mounts.ts';
import { forgetFlows, forgetStaleFlows } from './netfilter/conntrack.ts';
import { Generations } from './netfilter/generation.ts';
import { openIptables } from './netfilter/iptables.ts';
import { NftTables } from './netfilter/nft-tables.ts';
import { OWN_NAMESPACE } from './netns/enter.ts';
import { openNamespace } from './netns/namespace.ts';
import { createNamespace, listNamespaces, removeNamespace } from './netns/namespaces.ts';
import { watchSysctl } from './netns/sysctl.ts';
import { holdPort, openHeld } from './ports/hold.ts';
import { holdRange } from './ports/range.ts';
import { openWireguard } from './wireguard/wireguard.ts';

export interface KernelOptions {
  /** Name or path of the iptables to use, default `iptables`; also `iptables-legacy`. */
  readonly iptables?: string;
  /** File of the namespace that is to be `host`, default the process's own. */
  readonly namespace?: string;
}

/** Opens the kernel. Changes need CAP_NET_ADMIN and CAP_SYS_ADMIN. */
export function openKernel(options: KernelOptions = {}): Kernel {
  warmThreadPool();
  const host = openNamespace(options.namespace ?? OWN_NAMESPACE, options.namespace ?? '');
  return new OpenKernel(host, options.iptables ?? 'iptables');
}

/**
 * Starts libuv's pool, which happens at the first asynchronous call. Were that made while the main thread is inside
 * another namespace, the threads would stay there for good.
 */
function warmThreadPool(): void {
  access('/', () => undefined);
}

class OpenKernel implements Kernel {
  readonly host: Namespace;
  readonly packets: PacketDoor = {
    capture: (namespace, options, ready) => openCapture((open) => namespace.inside(open), options, ready),
    watchDrops,
  };
  readonly iptables: IptablesDoor;
  readonly nftables: NftablesDoor & { close(): void };
  readonly wireguard: WireguardDoor;
  readonly #monitor: Monitor;
  readonly #generations: Generations;

  constructor(host: Namespace, iptables: string) {
    this.host = host;
    this.iptables = openIptables({ command: iptables, inside: (open) => host.inside(open) });
    this.nftables = new NftTables((open) => host.inside(open));
    this.wireguard = openWireguard({ route: host.route, inside: (open) => host.inside(open) });
    this.#monitor = new Monitor(host);
    this.#generations = new Generations((open) => host.inside(open));
  }

  createNamespace(path: string): void {
    createNamespace(path);
  }

  openNamespace(path: string, opened?: number): Namespace {
    return openNamespace(opened === undefined ? path : `/proc/self/fd/${opened}`, path);
  }

  removeNamespace(path: string): Promise<void> {
    return removeNamespace(path);
  }

  inspect(namespace: Namespace): Inspector {
    return inspect(namespace);
  }

  listNamespaces(folder: string): readonly string[] {
    return listNamespaces(folder);
  }

  mount(spec: KernelMount): void {
    mount(spec);
  }

  mountOffLoop(spec: KernelMount): Promise<void> {
    return mountOffLoop(spec);
  }

  mountShared(folder: string): void {
    mountShared(folder);
  }

  unmount(target: string): void {
    unmount(target);
  }

  listMounts(below: string): readonly string[] {
    return listMounts(below);
  }

  firewallGeneration(): number | undefined {
    return this.#generations.read();
  }

  firewallChanges(since: number): RulesetChanges | undefined {
    return this.#generations.since(since);
  }

  holdPort(protocol: PortProtocol, address: string, port: number): () => void {
    return holdPort(this.host, protocol, address, port);
  }

  holdRange(range: PortRange): HeldRange {
    return holdRange(this.host, range);
  }

  openHeld(place: PortPlace): HeldSocket | undefined {
    return openHeld(this.host, place);
  }

  forgetFlows(ports: readonly PortFlows[]): Promise<void> {
    return forgetFlows(this.host, ports);
  }

  forgetStaleFlows(stale: StaleFlows): Promise<void> {
    return forgetStaleFlows(this.host, stale);
  }

  watch(listener: (event: KernelEvent) => void): () => void {
    return this.#monitor.watch(listener);
  }

  watchInside({ namespace, tunnel }: TunnelPlace, listener: (event: KernelEvent) => void): InnerWatch {
    const monitor = new Monitor(namespace, innerSockets(tunnel));
    monitor.watch(listener);
    return monitor;
  }

  watchRules(namespace: Namespace, listener: (event: KernelEvent) => void): InnerWatch {
    const monitor = new Monitor(namespace, ruleSockets);
    monitor.watch(listener);
    return monitor;
  }

  watchSysctl(key: string, { namespace, changed }: SysctlWatching): () => void {
    return watchSysctl((open) => namespace.inside(open), key, changed);
  }

  drain(): void {
    this.#monitor.drain();
  }

  close(): void {
    this.#monitor.close();
    this.#generations.close();
    this.nftables.close();
    this.host.close();
  }
}
