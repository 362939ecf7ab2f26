/**
 * The kinds of kernel object that plans are made of. An object says everything by name, never by
 * index: `ns` says in which namespace it is, `master` is a link there, `parent` one of the host.
 */
import type { NamespaceRef } from './namespace-ref.ts';

interface LinkBase {
  readonly kind: 'link';
  readonly ns: NamespaceRef;
  readonly name: string;
  /** Who it belongs to, written into the kernel as the alias: `seaway:network:ID`, `seaway:endpoint:ID`. */
  readonly owner: string;
  /** 0: the kernel's choice is left alone. */
  readonly mtu: number;
  /** Absent: the kernel's choice is left alone. */
  readonly mac?: string;
}

export interface BridgeLink extends LinkBase {
  readonly type: 'bridge';
}

/** A veth pair is one object; its key is the host end, its other end stands in `peer`. */
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
 * An endpoint of a VXLAN tunnel; where its frames go is said by entries of its forwarding database. Whatever its
 * namespace is, its outer side is the host's.
 */
export interface VxlanLink extends LinkBase {
  readonly type: 'vxlan';
  readonly vni: number;
  /** UDP port. */
  readonly port: number;
  /** Address that frames are sent from; '' for the kernel's choice. */
  readonly local: string;
  /** It answers itself who has an address, by its permanent neighbours, so that nothing need be flooded. */
  readonly proxy?: true;
  /** Bridge of its namespace that it is a port of, or ''. */
  readonly master: string;
}

/** A link that somebody else has made on the host: moved into a sandbox, and back when it is no longer wanted. */
export interface AdoptedLink extends LinkBase {
  readonly type: 'adopted';
  /** Its name on the host. */
  readonly from: string;
}

/** `lo` of a sandbox: it comes with the namespace and can only be brought up. */
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
  /** `00:00:00:00:00:00` for what goes to everybody. */
  readonly mac: string;
  /** Address of the host that has it. */
  readonly to: string;
}

/** A namespace that is there for a network's own links. */
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
  | FdbObject;

export type ObjectKind = KernelObject['kind'];

/** What was read of the host before planning; plans see the kernel only through this. */
export interface Facts {
  /** MTU of the link that has the default route; 1500 without one. */
  readonly uplinkMtu: number;
  /** br_netfilter is there: bridged packets can be seen by iptables. */
  readonly bridgeNetfilter: boolean;
  readonly ipv6: boolean;
}
