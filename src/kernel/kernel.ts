/**
 * The interface to Linux for the rest of the engine. Only the folder `kernel/` knows FFI, netlink
 * attributes and system call numbers. Tests inject faults by wrapping this interface.
 *
 * Verbs: `create`/`ensure` and `remove` act; `find`/`list` observe. Unless a method returns a promise
 * it is synchronous and takes well under a millisecond; slow operations are asynchronous.
 * Errors are `fail('KERNEL', doing, why)` with the errno's name and the kernel's own text (extack).
 */

import type { PacketDoor } from './capture/contract.ts';
import type {
  InnerWatch,
  IptablesDoor,
  KernelMount,
  NftablesDoor,
  RulesetDoor,
  WireguardDoor,
} from './doors.ts';
import type { KernelEvent } from './events.ts';
import type { FlowMatch, PortsDoor } from './flows.ts';
import type { Inspector } from './inspect/contract.ts';
import type { Shaping } from './shaping.ts';

/** A link, with the attributes that the engine sets or compares. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** rtnetlink kind: `bridge`, `veth`, `macvlan`, `ipvlan`, `vlan`, `vxlan`; '' for hardware and lo. */
  readonly type: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** IFLA_IFALIAS, where ownership is written; '' for none. */
  readonly alias: string;
  /** Index of its bridge, or 0. */
  readonly master: number;
  /** IFLA_LINK: index of the parent or the peer, or 0. */
  readonly parent: number;
  readonly port?: BridgePort;
  /** Attributes of IFLA_INFO_DATA that are fixed at creation, under the names of `LinkSpec`. */
  readonly fixed?: Readonly<Record<string, string | number>>;
  /** IFF_NOARP: the link does no ARP or neighbour discovery (dummy, ipvlan in mode l3). */
  readonly noarp?: true;
  /** IFF_RUNNING: up, with a carrier; a bridge has one with its first port. */
  readonly running?: true;
  /** Its queue is a token bucket filter. */
  readonly isShaped?: true;
}

/** A link that announces an address. */
export type Announcer = Pick<Link, 'index' | 'mac'>;

/** An address, with or without prefix length, and where it is. */
export interface Holder {
  readonly mac: string;
  readonly address: string;
}

/** Flags of a bridge port (IFLA_BRPORT_*). */
export interface BridgePort {
  readonly hairpin: boolean;
  readonly isolated: boolean;
}

interface NewLink {
  readonly name: string;
  readonly alias?: string;
  readonly mtu?: number;
  readonly mac?: string;
  readonly up?: boolean;
}

/** A link to create. A veth's peer is created directly in its namespace. */
export type LinkSpec =
  | (NewLink & { readonly type: 'bridge' })
  | (NewLink & { readonly type: 'dummy' })
  | (NewLink & { readonly type: 'wireguard' })
  | (NewLink & {
      readonly type: 'veth';
      readonly master?: number;
      readonly peer: NewLink & { readonly namespace: Namespace };
    })
  | (NewLink & {
      readonly type: 'macvlan';
      readonly parent: number;
      readonly mode: 'bridge' | 'vepa' | 'private' | 'passthru';
      /** The link is created in this namespace; its parent stays in the socket's. */
      readonly namespace?: Namespace;
    })
  | (NewLink & {
      readonly type: 'ipvlan';
      readonly parent: number;
      readonly mode: 'l2' | 'l3' | 'l3s';
      readonly flag?: 'bridge' | 'private' | 'vepa';
      readonly namespace?: Namespace;
    })
  | (NewLink & { readonly type: 'vlan'; readonly parent: number; readonly vlan: number })
  | (NewLink & {
      readonly type: 'vxlan';
      readonly vni: number;
      readonly port: number;
      readonly local?: string;
      readonly learning: boolean;
      readonly proxy?: boolean;
      /** The link is created in this namespace; its outer side stays in the socket's. */
      readonly namespace?: Namespace;
    });

/** Changes of an existing link; absent fields stay. */
export interface LinkChange {
  readonly name?: string;
  readonly alias?: string;
  readonly mtu?: number;
  readonly mac?: string;
  readonly up?: boolean;
  /** Index of a bridge, or 0 to leave. */
  readonly master?: number;
  readonly port?: Partial<BridgePort>;
  readonly namespace?: Namespace;
}

export interface Address {
  readonly link: number;
  /** With prefix length, canonical text: `172.17.0.2/16`, `fd00::2/64`. */
  readonly address: string;
  readonly scope: 'global' | 'link' | 'host' | 'site';
  /** Duplicate address detection goes on, or has found another: nothing can be bound to it. */
  readonly isTentative?: true;
  /** Never duplicate address detection (IFA_F_NODAD). */
  readonly nodad?: boolean;
}

export interface Route {
  /** CIDR, `0.0.0.0/0` or `::/0` for the default. */
  readonly destination: string;
  readonly gateway?: string;
  /** Link index; 0 or absent for routes without (unreachable, blackhole). */
  readonly link?: number;
  readonly source?: string;
  readonly metric?: number;
  readonly scope?: 'global' | 'link' | 'host';
  /** rtm_protocol, which tells who made it; the engine's is `seawayProtocol`. */
  readonly protocol?: number;
  readonly type?: 'unicast' | 'unreachable' | 'blackhole';
  /** Number of its table; absent for the main one. */
  readonly table?: number;
}

/** A rule that sends packets with a mark to a routing table (ip-rule(8)). */
export interface Rule {
  readonly family: 4 | 6;
  readonly priority: number;
  readonly mark: number;
  readonly mask: number;
  readonly table: number;
  /** FRA_PROTOCOL, which tells who made it; the engine's is `seawayProtocol`. */
  readonly protocol?: number;
}

export interface Neighbour {
  readonly link: number;
  readonly address: string;
  readonly mac: string;
}

/** An entry of a VXLAN link's forwarding database: frames for `mac` go to the host `to`. */
export interface FdbEntry {
  readonly link: number;
  readonly mac: string;
  readonly to: string;
}

/** rtm_protocol of the routes that the engine makes (not in /etc/iproute2/rt_protos). */
export const seawayProtocol = 0x5e;

/** rtnetlink in one namespace. The socket stays in its namespace wherever the thread goes. */
export interface RouteSocket extends Shaping {
  findLink(name: string): Link | undefined;
  /** Of a link of that name. */
  findIndex(name: string): number | undefined;
  findLinkByIndex(index: number): Link | undefined;
  listLinks(): readonly Link[];
  createLink(spec: LinkSpec): void;
  changeLink(index: number, change: LinkChange): void;
  /** Removes links off the event loop; missing names are no error. */
  removeLinks(names: readonly string[]): Promise<void>;

  listAddresses(link?: number): readonly Address[];
  /** An existing address is no error. */
  addAddress(address: Address): void;
  removeAddress(address: Address): void;

  /** Of the main table, or of another one; both families. */
  listRoutes(filter?: { readonly link?: number; readonly table?: number }): readonly Route[];
  /** NLM_F_REPLACE: creates it, or changes the route with the same destination and metric. */
  replaceRoute(route: Route): void;
  removeRoute(route: Route): void;

  /** Those that look at marks, both families. */
  listRules(): readonly Rule[];
  /** An existing one is no error; a missing one neither. */
  addRule(rule: Rule): void;
  removeRule(rule: Rule): void;

  listNeighbours(link?: number): readonly Neighbour[];
  replaceNeighbour(neighbour: Neighbour): void;
  removeNeighbour(neighbour: Neighbour): void;

  listFdb(link: number): readonly FdbEntry[];
  addFdbEntry(entry: FdbEntry): void;
  removeFdbEntry(entry: FdbEntry): void;
  close(): void;
}

/** An open network namespace. */
export interface Namespace {
  /** Path of its file; '' for the engine's namespace. */
  readonly path: string;
  /** Descriptor of the namespace file. */
  readonly fd: number;
  readonly route: RouteSocket;
  /** Value below /proc/sys/net; `key` has dots or slashes (`net.ipv4.ip_forward`). Undefined for a missing key. */
  readSysctl(key: string): string | undefined;
  /** Writes only if the value differs. */
  writeSysctl(key: string, value: string): void;
  /** Runs a synchronous function inside; it must only open descriptors and never await. */
  inside<T>(open: () => T): T;
  /** Runs nftables commands in process (libnftables), as one transaction; returns what they print. */
  nft(commands: string): string;
  /**
   * Deletes tracked flows whose first packet went to that address, or port of any address, but those that these addresses
   * answer.
   */
  forgetFlowsTo(to: string | FlowMatch, answering: readonly string[]): Promise<void>;
  /**
   * Announces once that `address` (with or without prefix length) is at the link's MAC address: ARP announcement
   * (RFC 5227) or neighbour advertisement (RFC 4861, 7.2.6). Neighbours replace an entry that they have. False where
   * the link is down or gone.
   */
  announce(link: Announcer, address: string): boolean;
  /** MAC addresses that a bridge has learned to be behind a port of it, a link's index: of very many only some. */
  learnedBehind(port: number): readonly string[];
  /** As `announce`, for addresses that others have who cannot be heard on the link. */
  announceOthers(link: number, holders: readonly Holder[]): boolean;
  close(): void;
}

/** A namespace with a VXLAN link. */
export interface TunnelPlace {
  readonly namespace: Namespace;
  /** Index of the link. */
  readonly tunnel: number;
}

export interface SysctlWatching {
  readonly namespace: Namespace;
  changed(): void;
}

export interface Kernel extends RulesetDoor, PortsDoor {
  /** The namespace that the engine runs in. */
  readonly host: Namespace;
  /** Makes a namespace and binds it to a file at `path`; an existing one is no error. */
  createNamespace(path: string): void;
  /** Opens one by its file, such as /proc/PID/ns/net. `opened`: a descriptor of that file, which stays the caller's. */
  openNamespace(path: string, opened?: number): Namespace;
  /** Unmounts and removes its file; the namespace ends with its last user. A missing one is no error. */
  removeNamespace(path: string): Promise<void>;
  /** Paths below `folder` on which a namespace is mounted. */
  listNamespaces(folder: string): readonly string[];

  mount(spec: KernelMount): void;
  /** As `mount`, off the event loop, for file systems whose server may not answer (NFS); two at a time. */
  mountOffLoop(spec: KernelMount): Promise<void>;
  /** Binds a folder on itself once, with shared propagation, so that mounts below it appear in other binds of it. */
  mountShared(folder: string): void;
  /** Unmounts lazily (MNT_DETACH); a path that is not mounted is no error. */
  unmount(target: string): void;
  /** Mount points at or below a path, deepest first. */
  listMounts(below: string): readonly string[];

  readonly iptables: IptablesDoor;
  readonly nftables: NftablesDoor;
  readonly wireguard: WireguardDoor;
  readonly packets: PacketDoor;
  /** To see what the kernel does with packets of a namespace. */
  inspect(namespace: Namespace): Inspector;

  /** Watches links, addresses, routes, forwarding and nftables of the engine's namespace. */
  watch(listener: (event: KernelEvent) => void): () => void;
  /**
   * Watches links, addresses and forwarding of a network's namespace, and the neighbours and forwarding entries of its
   * tunnel. To be closed before the namespace.
   */
  watchInside(place: TunnelPlace, listener: (event: KernelEvent) => void): InnerWatch;
  /** Watches nftables of a namespace. To be closed before the namespace. Throws KERNEL where there are none. */
  watchRules(namespace: Namespace, listener: (event: KernelEvent) => void): InnerWatch;
  /**
   * Calls `changed` when a program writes the sysctl by the engine's mount of /proc; never for a missing key. A link that is
   * renamed gets other files.
   */
  watchSysctl(key: string, watch: SysctlWatching): () => void;
  /** Delivers all pending events to the listeners before it returns. */
  drain(): void;
  close(): void;
}
