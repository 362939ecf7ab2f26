/** Kernel objects as observed; like those of a plan, they refer to each other by name. */
import type { NamespaceRef } from './namespace-ref.ts';
import type { PolicyObject } from './object.ts';

export interface ObservedLink {
  readonly kind: 'link';
  readonly ns: NamespaceRef;
  readonly name: string;
  /** rtnetlink kind; '' for hardware and lo. */
  readonly type: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly alias: string;
  /** Name of its bridge, or ''. */
  readonly master: string;
  /** Name of the parent in the host namespace, or ''. */
  readonly parent: string;
  readonly hairpin: boolean;
  readonly isolated: boolean;
  /** Attributes that are fixed when a link is made: `vni`, `port`, `local`, `vlan`, `mode`, `proxy`. */
  readonly fixed?: Readonly<Record<string, string | number>>;
  /** The other end of a veth pair, if it is in its sandbox. */
  readonly peer?: ObservedPeer;
}

export interface ObservedPeer {
  readonly ns: NamespaceRef;
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly alias: string;
}

export interface ObservedAddress {
  readonly kind: 'address';
  readonly ns: NamespaceRef;
  readonly link: string;
  /** With prefix length, canonical. */
  readonly address: string;
  readonly scope: 'global' | 'link' | 'host' | 'site';
  /** What the kernel makes with an address, and somebody has removed. */
  readonly lacks?: readonly ('subnet route' | 'link-local address')[];
  /** Type and alias of its link. */
  readonly linkType: string;
  readonly alias: string;
}

export interface ObservedRoute {
  readonly kind: 'route';
  readonly ns: NamespaceRef;
  readonly destination: string;
  readonly link: string;
  readonly gateway: string;
  /** Its rtm_protocol is the engine's. */
  readonly ours: boolean;
}

export interface ObservedSysctl {
  readonly kind: 'sysctl';
  readonly ns: NamespaceRef;
  readonly key: string;
  readonly value: string;
}

export interface ObservedNeighbour {
  readonly kind: 'neighbour';
  readonly ns: NamespaceRef;
  readonly link: string;
  readonly address: string;
  readonly mac: string;
  /** Alias of the link. */
  readonly alias: string;
}

export interface ObservedFdb {
  readonly kind: 'fdb';
  readonly ns: NamespaceRef;
  readonly link: string;
  readonly mac: string;
  readonly to: string;
  /** Alias of the link. */
  readonly alias: string;
}

export interface ObservedPolicy extends Omit<PolicyObject, 'link' | 'gateway'> {
  /** Of the table's default route; '' where it is missing. */
  readonly link: string;
  readonly gateway: string;
}

export interface ObservedRuleset {
  readonly kind: 'ruleset';
  readonly ns: NamespaceRef;
  readonly name: string;
  /** As `rulesetDigest` gives it; '' where tables have another content than the engine wrote. */
  readonly digest: string;
}

export interface ObservedVirtual {
  readonly kind: 'virtual';
  readonly ns: NamespaceRef;
  /** Families that have the engine's table: `ip`, `ip6`. */
  readonly families: ReadonlySet<string>;
  /** By address, what leads to it, as `virtualDigest` gives it. */
  readonly addresses: ReadonlyMap<string, string>;
}

export interface ObservedAccess {
  readonly kind: 'access';
  readonly ns: NamespaceRef;
  /** As `accessDigest` gives it; '' where the rules are other ones than the engine wrote. */
  readonly digest: string;
}

export interface ObservedQdisc {
  readonly kind: 'qdisc';
  readonly ns: NamespaceRef;
  readonly link: string;
  readonly rate: number;
  readonly limit: number;
}

export interface ObservedNamespace {
  readonly kind: 'namespace';
  readonly ns: NamespaceRef;
}

export type ObservedObject =
  | ObservedNamespace
  | ObservedLink
  | ObservedAddress
  | ObservedRoute
  | ObservedSysctl
  | ObservedNeighbour
  | ObservedFdb
  | ObservedVirtual
  | ObservedPolicy
  | ObservedAccess
  | ObservedQdisc
  | ObservedRuleset;
