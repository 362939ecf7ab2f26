/**
 * The kinds of kernel object that plans are made of. They refer to each other by name, never by
 * index: `ns` is the namespace, `master` a link in the same namespace, `parent` a link of the host.
 */
import type { NamespaceRef } from './namespace-ref.ts';

interface LinkBase {
  readonly kind: 'link';
  readonly ns: NamespaceRef;
  readonly name: string;
  /** The alias that marks the owner in the kernel: `seaway:network:ID`, `seaway:endpoint:ID`. */
  readonly owner: string;
  /** 0 leaves the choice to the kernel. */
  readonly mtu: number;
  /** Absent: the kernel chooses. */
  readonly mac?: string;
}

export interface BridgeLink extends LinkBase {
  readonly type: 'bridge';
}

/** A veth pair is one object: its name is the host end's, `peer` is the other end. */
export interface VethLink extends LinkBase {
  readonly type: 'veth';
  readonly master: string;
  readonly hairpin: boolean;
  readonly isolated: boolean;
  readonly peer: { readonly ns: NamespaceRef; readonly name: string; readonly mac: string };
}

export interface MacvlanLink extends LinkBase {
  readonly type: 'macvlan';
  /** Link of the host. */
  readonly parent: string;
  readonly mode: 'bridge' | 'vepa' | 'private' | 'passthru';
}

export interface IpvlanLink extends LinkBase {
  readonly type: 'ipvlan';
  readonly parent: string;
  readonly mode: 'l2' | 'l3' | 'l3s';
  readonly flag: 'bridge' | 'private' | 'vepa';
}

export interface VlanLink extends LinkBase {
  readonly type: 'vlan';
  readonly parent: string;
  readonly vlan: number;
}

export interface DummyLink extends LinkBase {
  readonly type: 'dummy';
}

/**
 * An end of a VXLAN tunnel; entries of its forwarding database tell where frames go. Its outer side is the
 * host's, whatever its namespace.
 */
export interface VxlanLink extends LinkBase {
  readonly type: 'vxlan';
  readonly vni: number;
  /** UDP port. */
  readonly port: number;
  /** Source address of the tunnel; '' leaves the choice to the kernel. */
  readonly local: string;
  /** Answers ARP and neighbour solicitations from its permanent neighbours, without flooding. */
  readonly proxy?: true;
  /** Bridge of the same namespace, or ''. */
  readonly master: string;
}

/** A link that another program made on the host: moved into a sandbox, and back when it is no longer wanted. */
export interface AdoptedLink extends LinkBase {
  readonly type: 'adopted';
  /** Its name on the host. */
  readonly from: string;
}

/** `lo` of a sandbox, which comes with the namespace. */
export interface LoopbackLink extends LinkBase {
  readonly type: 'loopback';
}

export type LinkObject =
  | LoopbackLink
  | BridgeLink
  | VethLink
  | MacvlanLink
  | IpvlanLink
  | VlanLink
  | DummyLink
  | VxlanLink
  | AdoptedLink;

export interface AddressObject {
  readonly kind: 'address';
  readonly ns: NamespaceRef;
  readonly link: string;
  /** With prefix length, canonical. */
  readonly address: string;
}

export interface RouteObject {
  readonly kind: 'route';
  readonly ns: NamespaceRef;
  /** CIDR; `0.0.0.0/0`, `::/0`. */
  readonly destination: string;
  readonly link: string;
  /** '' for an on-link route. */
  readonly gateway: string;
}

/** Packets with a mark take a default route of their own: a routing rule, and the table that it names. */
export interface PolicyObject {
  readonly kind: 'policy';
  readonly ns: NamespaceRef;
  readonly family: 4 | 6;
  readonly priority: number;
  readonly mark: number;
  readonly mask: number;
  readonly table: number;
  readonly link: string;
  readonly gateway: string;
}

/** Tables of nftables under one name, made as a whole. */
export interface RulesetObject {
  readonly kind: 'ruleset';
  readonly ns: NamespaceRef;
  /** Of the table of each family. */
  readonly name: string;
  /** By family, what is between the braces; chains and maps have no rule from outside. */
  readonly tables: Readonly<Partial<Record<'ip' | 'ip6', string>>>;
  /** Flows that the rules translate, and who may still answer them: others are forgotten when the rules change. */
  readonly flows: readonly RulesetFlows[];
}

export interface RulesetFlows {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** Without prefix length. */
  readonly answering: readonly string[];
}

export interface SysctlObject {
  readonly kind: 'sysctl';
  readonly ns: NamespaceRef;
  /** Slashes below /proc/sys: `net/ipv4/conf/docker0/route_localnet`. */
  readonly key: string;
  readonly value: string;
}

export interface NeighbourObject {
  readonly kind: 'neighbour';
  readonly ns: NamespaceRef;
  readonly link: string;
  /** Without prefix length, canonical. */
  readonly address: string;
  readonly mac: string;
}

export interface FdbObject {
  readonly kind: 'fdb';
  readonly ns: NamespaceRef;
  readonly link: string;
  /** `00:00:00:00:00:00` for the default destinations (flooding). */
  readonly mac: string;
  /** Address of the remote host. */
  readonly to: string;
}

/** The virtual addresses of services that a namespace reaches. */
export interface VirtualObject {
  readonly kind: 'virtual';
  readonly ns: NamespaceRef;
  readonly addresses: readonly VirtualAddress[];
}

/** New connections to it from inside the namespace go to one of its backends, and keep their source address. */
export interface VirtualAddress {
  /** Without prefix length, canonical. */
  readonly address: string;
  /** Where new connections go; empty: they are refused. Of the same family, without prefix length. */
  readonly open: readonly string[];
  /** Further ones, whose flows stay. */
  readonly draining: readonly string[];
}

/** Which flows a namespace may have: rules in their order, by direction; absent where all may. */
export interface AccessObject {
  readonly kind: 'access';
  readonly ns: NamespaceRef;
  readonly ingress?: readonly AccessRule[];
  readonly egress?: readonly AccessRule[];
}

/** The first rule that matches a flow decides; without one it is allowed. */
export interface AccessRule {
  readonly verdict: 'allow' | 'deny';
  /** Where it is counted; of letters, digits and hyphens. */
  readonly counter: string;
  /** Addresses of the namespace, without prefix length; empty: any. */
  readonly local: readonly string[];
  readonly remote: AccessRemote;
  /** Of the end that is connected to; empty: all, of every protocol. */
  readonly ports: readonly AccessPorts[];
}

export type AccessRemote =
  | { readonly to: 'any' }
  /** Blocks that do not overlap, possibly none; or all others. */
  | { readonly to: 'blocks' | 'others'; readonly blocks: readonly string[] }
  /** Addresses that the resolver answered for names of this pattern. */
  | { readonly to: 'name'; readonly pattern: string };

/** `icmp` has no ports: both are 0. */
export interface AccessPorts {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp';
  readonly first: number;
  readonly last: number;
}

/** A limit of what a link sends. */
export interface QdiscObject {
  readonly kind: 'qdisc';
  readonly ns: NamespaceRef;
  readonly link: string;
  /** Bytes per second, Ethernet headers among them. */
  readonly rate: number;
  /** Bytes that may be sent at once, and that may be sent or wait. */
  readonly burst: number;
  readonly limit: number;
}

/** A namespace of a network. */
export interface NamespaceObject {
  readonly kind: 'namespace';
  readonly ns: NamespaceRef;
}

export type KernelObject =
  | NamespaceObject
  | LinkObject
  | AddressObject
  | RouteObject
  | SysctlObject
  | NeighbourObject
  | FdbObject
  | VirtualObject
  | PolicyObject
  | AccessObject
  | QdiscObject
  | RulesetObject;

export type ObjectKind = KernelObject['kind'];

/** Facts about the host, read before planning; plans know nothing else of the kernel. */
export interface Facts {
  /** MTU of the link with the default route; 1500 without one. */
  readonly uplinkMtu: number;
  /** br_netfilter is loaded, so that iptables can see bridged packets. */
  readonly bridgeNetfilter: boolean;
  readonly ipv6: boolean;
  /** Reverse path filtering of all links is on (`net.ipv4.conf.all.rp_filter`). */
  readonly reversePathFilter?: true;
}
