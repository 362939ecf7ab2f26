/** Packets in a block of a TPACKET_V3 ring (linux/if_packet.h, packet_mmap.rst). */
import type { CapturedPacket } from './contract.ts';

/** struct tpacket_block_desc, with its tpacket_hdr_v1. */
export const statusAt = 8;
const countAt = 12;
const firstAt = 16;

/** Of struct sockaddr_ll. */
const PACKET_OUTGOING = 4;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

/** Of tp_status. */
const VLAN_VALID = 1 << 4;
const TPID_VALID = 1 << 6;
const ETH_P_8021Q = 0x8100;

/** struct tpacket3_hdr, then struct sockaddr_ll. */
const headerSize = 48;

/** Where a visit of a block stands: the place of the next packet, and how many are left. */
export interface Visit {
  readonly at: number;
  readonly left: number;
}

export const beginVisit = (block: Buffer): Visit => ({
  at: block.readUInt32LE(firstAt),
  left: block.readUInt32LE(countAt),
});

/**
 * Visits so many packets at most, and tells where it stands then. What a link that loops sends is seen again when it comes
 * back, and left out here.
 */
export function visitBlock(
  block: Buffer,
  { from, most }: { readonly from: Visit; readonly most: number },
  visit: (packet: CapturedPacket) => void,
): Visit {
  let { at, left } = from;
  for (const end = Math.max(0, left - most); left > end; left--) {
    const next = block.readUInt32LE(at);
    const packet = packetAt(block, at);
    if (packet) visit(packet);
    at += next;
  }
  return { at, left };
}

function packetAt(block: Buffer, at: number): CapturedPacket | undefined {
  const address = at + headerSize;
  const hardware = block.readUInt16LE(address + 8);
  const isOutgoing = block.readUInt8(address + 10) === PACKET_OUTGOING;
  if (hardware === ARPHRD_LOOPBACK && isOutgoing) return undefined;
  const status = block.readUInt32LE(at + 20);
  const start = at + block.readUInt16LE(at + 24);
  const tpid = (status & TPID_VALID) !== 0 ? block.readUInt16LE(at + 36) : ETH_P_8021Q;
  return {
    link: block.readInt32LE(address + 4),
    isBare: hardware !== ARPHRD_ETHER && hardware !== ARPHRD_LOOPBACK,
    seconds: block.readUInt32LE(at + 4),
    nanoseconds: block.readUInt32LE(at + 8),
    isOutgoing,
    length: block.readUInt32LE(at + 16),
    data: block.subarray(start, start + block.readUInt32LE(at + 12)),
    vlan: (status & VLAN_VALID) === 0 ? undefined : { tpid, tci: block.readUInt32LE(at + 32) & 0xffff },
  };
}
