/**
 * Ethernet frames that announce the MAC address of an IP address, so that neighbours replace stale cache entries.
 * IPv4: ARP announcement; IPv6: unsolicited neighbour advertisement. Pure.
 */
import { fail } from '../../errors.ts';
import { viewOf } from '../netlink/attributes.ts';
import { macBytes, parsePrefix } from '../netlink/inet.ts';

/** A link-layer address and one IP address, as bytes. */
interface Binding {
  readonly mac: Uint8Array;
  readonly address: Uint8Array;
}

const ETHERNET_HEADER = 14;
const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;

const ARP_ETHERNET = 1;
const ARP_IPV4 = 0x0800;
const ARP_REQUEST = 1;

const IPV6_HEADER = 40;
const NEXT_HEADER_ICMPV6 = 58;
/** Proves that no router forwarded the packet; receivers drop any other value (RFC 4861, 7.1.2). */
const HOP_LIMIT = 255;

const NEIGHBOUR_ADVERTISEMENT = 136;
/** Override set, router and solicited clear (RFC 4861, 4.4). */
const OVERRIDE = 0x2000_0000;
const TARGET_LINK_LAYER_ADDRESS = 2;

const everybody = Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
/** ff02::1, and the MAC that follows from it (RFC 2464, 7). */
const allNodes = Uint8Array.from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
const allNodesMac = Uint8Array.from([0x33, 0x33, 0, 0, 0, 1]);

/**
 * The frame that announces `address` (IPv4 or IPv6, with or without a prefix length) at `mac`.
 * Throws ADDRESS_INVALID.
 */
export function announcementFrame(mac: string, address: string): Uint8Array {
  const { bytes } = parsePrefix(address);
  const binding = { mac: macBytes(mac), address: bytes };
  return bytes.length === 4 ? arpAnnouncement(binding) : neighbourAdvertisement(binding);
}

/**
 * An ARP request (RFC 826) for the sender's own address, which RFC 5227, 2.3 and 3, prefers to a reply. Linux
 * accepts it even for an entry that changed a moment ago (`arp_is_garp`).
 */
function arpAnnouncement({ mac, address }: Binding): Uint8Array {
  const frame = ethernetFrame({ from: mac, to: everybody, type: ETHERTYPE_ARP, length: 28 });
  const arp = frame.subarray(ETHERNET_HEADER);
  const view = viewOf(arp);
  view.setUint16(0, ARP_ETHERNET);
  view.setUint16(2, ARP_IPV4);
  view.setUint8(4, mac.length);
  view.setUint8(5, address.length);
  view.setUint16(6, ARP_REQUEST);
  arp.set(mac, 8);
  arp.set(address, 14);
  // the target's MAC, at 18, stays zero
  arp.set(address, 24);
  return frame;
}

/** RFC 4861, 4.4 and 7.2.6: from the address itself to all nodes of the link. */
function neighbourAdvertisement({ mac, address }: Binding): Uint8Array {
  const length = 32;
  const frame = ethernetFrame({
    from: mac,
    to: allNodesMac,
    type: ETHERTYPE_IPV6,
    length: IPV6_HEADER + length,
  });
  const ip = frame.subarray(ETHERNET_HEADER);
  viewOf(ip).setUint8(0, 6 << 4);
  viewOf(ip).setUint16(4, length);
  viewOf(ip).setUint8(6, NEXT_HEADER_ICMPV6);
  viewOf(ip).setUint8(7, HOP_LIMIT);
  ip.set(address, 8);
  ip.set(allNodes, 24);
  const icmp = ip.subarray(IPV6_HEADER);
  viewOf(icmp).setUint8(0, NEIGHBOUR_ADVERTISEMENT);
  viewOf(icmp).setUint32(4, OVERRIDE);
  icmp.set(address, 8);
  // an option's length counts eights of bytes
  icmp.set([TARGET_LINK_LAYER_ADDRESS, 1, ...mac], 24);
  viewOf(icmp).setUint16(2, icmpv6Checksum(icmp, { from: address, to: allNodes }));
  return frame;
}

function ethernetFrame(of: {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly type: number;
  readonly length: number;
}): Uint8Array {
  if (of.from.length !== of.to.length) throw fail('BUG', `a MAC of ${of.from.length} bytes`);
  const frame = new Uint8Array(ETHERNET_HEADER + of.length);
  frame.set(of.to, 0);
  frame.set(of.from, 6);
  viewOf(frame).setUint16(12, of.type);
  return frame;
}

/**
 * The checksum of an ICMPv6 message whose checksum field is zero (RFC 4443, 2.3), over it and the
 * pseudo-header of RFC 8200, 8.1: both addresses, the length, the next header.
 */
export function icmpv6Checksum(
  message: Uint8Array,
  { from, to }: { readonly from: Uint8Array; readonly to: Uint8Array },
): number {
  let sum = onesSum(from) + onesSum(to) + message.length + NEXT_HEADER_ICMPV6 + onesSum(message);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Sum of the words in network order; an odd last byte counts as the high one (RFC 1071). */
function onesSum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [at, byte] of bytes.entries()) sum += at % 2 === 0 ? byte << 8 : byte;
  return sum;
}
