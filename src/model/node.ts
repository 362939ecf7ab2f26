/** A host of the cluster, as it says of itself in the cluster's store. */
import { formatAddress, readAddress } from '../net/address.ts';
import type { Family } from '../net/family.ts';

export interface Node {
  readonly id: string;
  /** Name of the host. */
  readonly name: string;
  /** Where the others reach it, `IP:port`. */
  readonly advertise: string;
  /** Addresses that its tunnels end at, without prefix length; at least one. */
  readonly data4?: string;
  readonly data6?: string;
  /** Random, drawn at each boot: a second host with the same id has another one. */
  readonly instance: string;
  /** MTU of the link that has its data address. */
  readonly mtu: number;
  /** UDP port of the tunnels between nodes, the same on all, where it is not the usual one. */
  readonly dataPort?: number;
  /** Public key of its WireGuard, base64: encrypted networks lead to it. Absent for a node that has none. */
  readonly key?: string;
  /** Ports of the routing mesh that a program of this host has, `tcp 8080`; only of its own record. */
  readonly busyPorts?: readonly string[];
  /** Its number in a swarm, 1 and up: its address and marks in the routing mesh follow from it. */
  readonly number?: number;
  /** The key that it is about to have, so that the others know it before it is used. */
  readonly nextKey?: string;
  /** Destinations that the host routes elsewhere, without default routes and those of single addresses; at most 128. */
  readonly routes?: readonly string[];
  /** It is this host. Not in the store: each host sets it on its own record. */
  readonly here?: true;
  /** Its session in the store has ended. It stays on record, and what it holds stays its own, until it is forgotten. */
  readonly lost?: true;
}

/** This host's own record; absent without a cluster. */
export function nodeHere(nodes: Iterable<Node>): Node | undefined {
  for (const node of nodes) if (node.here) return node;
  return undefined;
}

/** UDP port of the tunnels between nodes (VXLAN, RFC 7348 section 8). */
export const usualDataPort = 4789;
const usualSecurePort = 4790;

/** UDP port of the tunnels of this host. */
export const dataPortOf = (nodes: Iterable<Node>): number => nodeHere(nodes)?.dataPort ?? usualDataPort;

/** That of encrypted networks, so that what arrives at it in clear can be dropped. */
export const securePortOf = (nodes: Iterable<Node>): number =>
  dataPortOf(nodes) === usualSecurePort ? usualDataPort : usualSecurePort;

/** A VXLAN link has one family: IPv4 where this host has an address of it. */
export const tunnelFamily = (nodes: Iterable<Node>): Family => (nodeHere(nodes)?.data4 ? 4 : 6);

/** Where a node's tunnels of a family end; '' where its record has no such address. */
export function dataAddress({ data4 = '', data6 = '' }: Node, family: Family): string {
  const address = readAddress(family === 4 ? data4 : data6);
  return address?.version === family ? formatAddress(address) : '';
}

/** The addresses of a family that others know of a node: where its tunnels end, and where it is reached. */
export function knownAddresses(node: Node, family: Family): readonly string[] {
  const { advertise } = node;
  const reached = readAddress(advertise) ?? readAddress(advertise.replace(/^\[?(.*?)\]?:\d+$/, '$1'));
  const other = reached?.version === family ? formatAddress(reached) : '';
  return [...new Set([dataAddress(node, family), other])].filter((address) => address !== '');
}
