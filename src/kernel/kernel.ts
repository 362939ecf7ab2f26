/**
 * The door to Linux, as the rest of the engine sees it. Only the folder `kernel/` knows FFI, netlink
 * attributes and system call numbers. Faults are injected in tests by wrapping this interface.
 *
 * Verbs: `create`/`ensure` and `remove` act; `find`/`list` observe. Unless a method returns a promise
 * it is synchronous and takes well under a millisecond; what the kernel is slow at is asynchronous.
 * Errors are `fail('KERNEL', doing, why)` with the errno's name and the kernel's own text (extack).
 */

/** A link as `ip -d link` would show it: only what the engine sets or compares. */
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
  /** Index of the bridge that it is a port of, or 0. */
  readonly master: number;
  /** IFLA_LINK: index of the parent or the peer, or 0. */
  readonly parent: number;
  readonly port?: BridgePort;
  /** Of IFLA_INFO_DATA what is decided at creation, under the names of `LinkSpec`. */
  readonly fixed?: Readonly<Record<string, string | number>>;
  /** IFF_NOARP: its neighbours are not asked for MACs, nor told (dummy, ipvlan in mode l3). */
  readonly noarp?: true;
}

/** A link that speaks for an address. */
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

/** What to make. A veth's peer is made directly in the namespace it belongs to. */
export type LinkSpec =
  | (NewLink & { readonly type: 'bridge' })
  | (NewLink & { readonly type: 'dummy' })
  | (NewLink & {
      readonly type: 'veth';
      readonly master?: number;
      readonly peer: NewLink & { readonly namespace: Namespace };
    })
  | (NewLink & {
      readonly type: 'macvlan';
      readonly parent: number;
      readonly mode: 'bridge' | 'vepa' | 'private' | 'passthru';
      /** The link is born in this namespace; its parent stays in the socket's own. */
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
      /** The link is born in this namespace; its outer side stays in the socket's own. */
      readonly namespace?: Namespace;
    });

/** What to change of a link that is there; only the keys given are touched. */
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
  /** rtm_protocol: who made it. Ours is `seawayProtocol`. */
  readonly protocol?: number;
  readonly type?: 'unicast' | 'unreachable' | 'blackhole';
}

export interface Neighbour {
  readonly link: number;
  readonly address: string;
  readonly mac: string;
}

/** An entry of a VXLAN link's forwarding database: frames for a MAC address go to that host. */
export interface FdbEntry {
  readonly link: number;
  readonly mac: string;
  readonly to: string;
}

/** rtm_protocol of the routes that the engine makes (not in /etc/iproute2/rt_protos). */
export const seawayProtocol = 0x5e;

/** rtnetlink in one namespace. The socket keeps its namespace whatever the thread does later. */
export interface RouteSocket {
  findLink(name: string): Link | undefined;
  findLinkByIndex(index: number): Link | undefined;
  listLinks(): readonly Link[];
  createLink(spec: LinkSpec): void;
  changeLink(index: number, change: LinkChange): void;
  /** Removes the links that are there, off the event loop; names that are not there are no error. */
  removeLinks(names: readonly string[]): Promise<void>;

  listAddresses(link?: number): readonly Address[];
  /** Adding what is there already is no error. */
  addAddress(address: Address): void;
  removeAddress(address: Address): void;

  /** Main table, both families. */
  listRoutes(filter?: { readonly link?: number }): readonly Route[];
  /** NLM_F_REPLACE: makes it or changes the one with the same destination and metric. */
  replaceRoute(route: Route): void;
  removeRoute(route: Route): void;

  listNeighbours(link?: number): readonly Neighbour[];
  replaceNeighbour(neighbour: Neighbour): void;
  removeNeighbour(neighbour: Neighbour): void;

  listFdb(link: number): readonly FdbEntry[];
  addFdbEntry(entry: FdbEntry): void;
  removeFdbEntry(entry: FdbEntry): void;
  close(): void;
}

/** A network namespace that is held open. */
export interface Namespace {
  /** Path of its file; '' for the engine's own. */
  readonly path: string;
  /** Descriptor of the namespace file. */
  readonly fd: number;
  readonly route: RouteSocket;
  /** Value of /proc/sys/net/..., dots or slashes in `key` (`net.ipv4.ip_forward`); undefined: no such key. */
  readSysctl(key: string): string | undefined;
  /** Writes only if the value differs. */
  writeSysctl(key: string, value: string): void;
  /** Run a synchronous function inside; it must only open descriptors (never await). */
  inside<T>(open: () => T): T;
  /** Run nftables commands in process (libnftables), as one transaction. */
  nft(commands: string): void;
  /**
   * Tells everybody on the link, once, that `address` (with or without prefix length) is at its MAC now, so
   * that what they knew before is replaced: ARP announcement (RFC 5227), neighbour advertisement (RFC 4861,
   * 7.2.6). False: the link is down or gone. Whoever does not know the address does not take note of it.
   */
  announce(link: Announcer, address: string): boolean;
  /** As `announce`, for addresses that others have who cannot be heard on the link. */
  announceOthers(link: number, holders: readonly Holder[]): boolean;
  close(): void;
}

export interface KernelMount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  /** MS_* bits. */
  readonly flags: number;
  readonly data: string;
}

/** iptables' save and restore programs. Used by the firewall's iptables backend alone. */
export interface IptablesDoor {
  /** `iptables-save`, all tables. Throws KERNEL or KERNEL_LACKS where the program or the tables are missing. */
  save(family: 4 | 6): Promise<string>;
  /** One `iptables-restore --noflush`, tried again while others hold the lock; all or nothing per table. */
  restore(family: 4 | 6, script: string): Promise<void>;
}

/** What a kernel change was, from the monitor. */
export interface KernelEvent {
  readonly subject: 'link' | 'address' | 'route' | 'forwarding' | 'firewall';
  /** `flush`: events were lost, look at everything of this subject again. */
  readonly action: 'new' | 'del' | 'flush';
  /** Link name where known; of the firewall, family and table (`ip nat`). '' stands for any. */
  readonly name: string;
  /** Of a link: who it belongs to (IFLA_IFALIAS), and the name that it had before, where it was renamed. */
  readonly alias?: string;
  readonly was?: string;
  /** Index of the link; of a route 0 where it leads to none, or to several. */
  readonly index?: number;
  /** Of a route: to everywhere, or to half of it. */
  readonly isDefault?: boolean;
}

export type PortProtocol = 'tcp' | 'udp' | 'sctp';

/** Flows by where their first packet went, before any translation. */
export interface FlowMatch {
  readonly protocol: PortProtocol;
  readonly port: number;
  /** `0.0.0.0` and `::` match every address of their family. */
  readonly address: string;
}

export interface Kernel {
  /** The namespace that the engine runs in. */
  readonly host: Namespace;
  /** Make a namespace and bind it to `path` (an empty file is made); being there already is no error. */
  createNamespace(path: string): void;
  /** Open one by its file (also /proc/PID/ns/net). */
  openNamespace(path: string): Namespace;
  /** Unmount and remove its file; the links in it go with its last user. Not there: no error. */
  removeNamespace(path: string): Promise<void>;
  /** Paths below `folder` on which a namespace is mounted. */
  listNamespaces(folder: string): readonly string[];

  mount(spec: KernelMount): void;
  /** Bind a folder on itself, once: what is mounted below it is then seen through other binds of it, and vice versa. */
  mountShared(folder: string): void;
  /** Lazily (MNT_DETACH); not mounted is no error. */
  unmount(target: string): void;
  /** Mount points at or below a path, deepest first. */
  listMounts(below: string): readonly string[];

  readonly iptables: IptablesDoor;

  /**
   * Differs whenever the rules of nf_tables (which iptables' nft variant writes) are not those of before: one more
   * for each transaction, anybody's. Undefined where the kernel has none.
   */
  firewallGeneration(): number | undefined;

  /** Hold a host port: bind, never listen. Throws PORT_IN_USE. Close by the function returned. */
  holdPort(protocol: PortProtocol, address: string, port: number): () => void;
  /** Forget tracked flows to an address and port that is no longer published (UDP would stay stuck). */
  forgetFlows(match: FlowMatch): void;

  /** Watch the engine's own namespace: links, addresses, routes, forwarding and nftables. */
  watch(listener: (event: KernelEvent) => void): () => void;
  /** Called when any program writes that setting of the engine's own namespace. No such key: never. */
  watchSysctl(key: string, changed: () => void): () => void;
  /** Listeners are told, before this returns, of all that the kernel has changed until now. */
  drain(): void;
  close(): void;
}
