/**
 * A packet socket with a ring in memory that the kernel fills (TPACKET_V3). Its blocks are handed over when they are
 * full, or after some time, so that a packet costs no system call. Where nobody reads them, the kernel drops and counts.
 */
import koffi, { type KoffiFunc } from 'koffi';
import { attachFilter } from '../ffi/bpf.ts';
import { AF_PACKET, SOCK_CLOEXEC, SOCK_RAW, SOL_PACKET } from '../ffi/constants.ts';
import { checked } from '../ffi/fault.ts';
import * as libc from '../ffi/libc.ts';
import { offLoop } from '../ffi/off-loop.ts';
import { type Poll, pollDescriptor } from '../ffi/poll-descriptor.ts';
import type { Inside } from '../netns/sysctl.ts';
import { beginVisit, statusAt, type Visit, visitBlock } from './block.ts';
import type { CapturedPacket, CaptureOptions, PacketCapture } from './contract.ts';
import { compileFilter } from './filter.ts';

const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const TPACKET_V3 = 2;
const PACKET_MR_PROMISC = 1;
const ETH_P_ALL = 3;

/** A segment that the network card would cut (64 KiB) fits into a block many times. 16 MiB: 128 ms of 1 Gbit/s. */
const blockSize = 512 * 1024;
const blocks = 32;
const frameSize = 2048;
/** Milliseconds until a block that is not full is handed over. */
const retireTime = 50;
/** What is read in a turn of the event loop, about two milliseconds: blocks of large packets, and small packets. */
const blocksInTurn = 4;
const packetsInTurn = 2_000;

const mmap = libc.libc.func(
  'void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)',
) as KoffiFunc<
  (address: null, length: number, protection: number, flags: number, fd: number, offset: number) => bigint
>;
const munmap = libc.libc.func('int munmap(size_t address, size_t length)') as KoffiFunc<
  (address: bigint, length: number) => number
>;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const size = blockSize * blocks;

const words = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

function setPacketOption(fd: number, name: number, value: Uint8Array): void {
  checked(libc.setsockopt(fd, SOL_PACKET, name, value, value.length), 'set up a capture');
}

/** struct sockaddr_ll (packet(7)) of a link, or of all; the protocol is in network order. */
function linkAddress(link: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_ALL, false);
  view.setInt32(4, link, true);
  return bytes;
}

/** struct packet_mreq: the link is promiscuous for as long as the socket is there. */
function membership(link: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, link, true);
  view.setUint16(4, PACKET_MR_PROMISC, true);
  return bytes;
}

/** A socket that takes nothing until it is bound, so that nothing passes by the filter. */
function openSocket(inside: Inside, { link, filter, isBare, snaplen, promiscuous }: CaptureOptions): number {
  const program = compileFilter(filter, { snaplen, isBare });
  const fd = checked(
    inside(() => libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)),
    'open a packet socket',
  );
  try {
    setPacketOption(fd, PACKET_VERSION, words(TPACKET_V3));
    attachFilter(fd, program);
    const frames = (blockSize / frameSize) * blocks;
    setPacketOption(fd, PACKET_RX_RING, words(blockSize, blocks, frameSize, frames, retireTime, 0, 0));
    if (promiscuous && link > 0) setPacketOption(fd, PACKET_ADD_MEMBERSHIP, membership(link));
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Throws KERNEL, as without CAP_NET_RAW or the memory, and as `compileFilter`. */
export function openCapture(inside: Inside, options: CaptureOptions, ready: () => void): PacketCapture {
  const fd = openSocket(inside, options);
  const address = mmap(null, size, PROT_READ_WRITE, MAP_SHARED, fd, 0);
  if (BigInt.asIntN(64, address) === -1n) {
    const failure = checkedLater('map the ring of a capture');
    libc.close(fd);
    throw failure;
  }
  const ring = new Ring(fd, address, ready);
  const where = linkAddress(options.link);
  try {
    checked(libc.bind(fd, where, where.length), 'capture packets');
  } catch (error) {
    ring.close();
    throw error;
  }
  return ring;
}

/** The error of the last call, to be thrown after others. */
function checkedLater(doing: string): unknown {
  try {
    checked(-1, doing);
  } catch (error) {
    return error;
  }
  return undefined;
}

class Ring implements PacketCapture {
  readonly #fd: number;
  readonly #address: bigint;
  readonly #memory: ArrayBuffer;
  /** The status word of each block, shared with the kernel. */
  readonly #words: Int32Array;
  readonly #poll: Poll;
  #next = 0;
  /** Where the visit of the next block stands, if it has begun. */
  #visit: Visit | undefined;
  #isClosed = false;
  #packets = 0;
  #dropped = 0;

  constructor(fd: number, address: bigint, ready: () => void) {
    this.#fd = fd;
    this.#address = address;
    this.#memory = koffi.view(address, size);
    this.#words = new Int32Array(this.#memory);
    this.#poll = pollDescriptor(fd, ready);
  }

  read(visit: (packet: CapturedPacket) => void): void {
    let packets = packetsInTurn;
    for (let turn = 0; turn < blocksInTurn && packets > 0 && !this.#isClosed; turn++) {
      const start = this.#next * blockSize;
      const status = (start + statusAt) / 4;
      // acquire and release: what the kernel wrote before, and what is read before it may write again
      if ((Atomics.load(this.#words, status) & 1) === 0) return;
      const block = Buffer.from(this.#memory, start, blockSize);
      const from = this.#visit ?? beginVisit(block);
      this.#visit = visitBlock(block, { from, most: packets }, visit);
      if (this.#isClosed) return;
      packets -= from.left - this.#visit.left;
      if (this.#visit.left > 0) return;
      this.#visit = undefined;
      Atomics.store(this.#words, status, 0);
      this.#next = (this.#next + 1) % blocks;
    }
  }

  whenReady(): void {
    if (!this.#isClosed) this.#poll.once({ readable: true, writable: false });
  }

  counts(): { readonly packets: number; readonly dropped: number } {
    if (!this.#isClosed) this.#count();
    return { packets: this.#packets, dropped: this.#dropped };
  }

  /** struct tpacket_stats_v3; the kernel counts from zero again. */
  #count(): void {
    const stats = new Uint32Array(3);
    const length = new Uint32Array([stats.byteLength]);
    const [bytes, lengthBytes] = [new Uint8Array(stats.buffer), new Uint8Array(length.buffer)];
    if (libc.getsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, bytes, lengthBytes) < 0) return;
    this.#packets += stats[0] ?? 0;
    this.#dropped += stats[1] ?? 0;
  }

  /** The memory must not be touched any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#count();
    this.#isClosed = true;
    this.#poll.close();
    munmap(this.#address, size);
    // closing a packet socket takes an RCU grace period
    void offLoop(
      (done) => libc.close.async(this.#fd, done),
      () => undefined,
    );
  }
}
