/**
 * The routing mesh: each node serves the published ports of the swarm and hands connections over to nodes with tasks, by a VXLAN
 * link of the host. All that a node is in it follows from its number. Pure.
 */
import type { Family } from '../net/family.ts';
import type { Node } from './node.ts';

export const meshLink = 'seaway-mesh';
/** Of its tables of nftables. */
export const meshRulesetName = 'seaway-mesh';

/** Bits of packet marks and connection marks that hold a node's number; the others are left as they are. */
export const meshMask = 0xfff0_0000;
export const meshMark = (number: number): number => (number << 20) >>> 0;

/** Priority of its routing rules, before those of the main table. */
export const meshPriority = 90;
/** Numbers of its routing tables begin here. */
const firstTable = 77_000;
export const meshTable = (number: number): number => firstTable + number;

/** A mark has room for so many nodes. */
export const mostNodes = 4095;

/** Of RFC 3927, without the reserved blocks and 169.254.169.254. */
export const meshRange = '169.254.16.0/20';

/**
 * Addresses of single hosts, so that no network that the host routes can be meant by them: of `meshRange`, and of a locally
 * assigned prefix (RFC 4193).
 */
export const meshAddress = (number: number, family: Family): string =>
  family === 4 ? `169.254.${16 + (number >> 8)}.${number & 255}` : `fd5e:6177:6d65::${number.toString(16)}`;

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** Of the link on the node. */
export const meshMac = (number: number): string => `02:5e:6d:65:${hex(number >> 8)}:${hex(number & 255)}`;

/** Its number, if it can take part. */
export const meshNumber = ({ number = 0 }: Node): number | undefined =>
  number > 0 && number <= mostNodes ? number : undefined;
