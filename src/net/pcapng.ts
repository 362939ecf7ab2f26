/**
 * pcapng (draft-ietf-opsawg-pcapng), as far as captures need it: one section, little-endian, times in nanoseconds. Blocks are made
 * and taken apart.
 */

/** Of the registry of link types: Ethernet; packets that begin with their IP header; Wireshark's upper PDUs. */
export const linkTypes = { ethernet: 1, bare: 101, exported: 252 } as const;

const block = { section: 0x0a0d_0d0a, interface: 1, names: 4, statistics: 5, packet: 6 } as const;
const byteOrder = 0x1a2b_3c4d;

const padded = (length: number): number => (length + 3) & ~3;

type Option = readonly [code: number, value: Uint8Array];
const text = (code: number, value: string): Option => [code, Buffer.from(value)];

function optionsOf(options: readonly Option[]): Buffer {
  if (options.length === 0) return Buffer.alloc(0);
  const parts = options.map(([code, value]) => {
    const part = Buffer.alloc(4 + padded(value.length));
    part.writeUInt16LE(code, 0);
    part.writeUInt16LE(value.length, 2);
    part.set(value, 4);
    return part;
  });
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

function blockOf(type: number, body: Uint8Array): Buffer {
  const length = 12 + padded(body.length);
  const made = Buffer.alloc(length);
  made.writeUInt32LE(type, 0);
  made.writeUInt32LE(length, 4);
  made.set(body, 8);
  made.writeUInt32LE(length, length - 4);
  return made;
}

/** What every file begins with. */
export function sectionBlock(program: string): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(byteOrder, 0);
  head.writeUInt16LE(1, 4);
  // of unknown length
  head.writeBigInt64LE(-1n, 8);
  return blockOf(block.section, Buffer.concat([head, optionsOf([text(3, 'Linux'), text(4, program)])]));
}

export interface CapturedInterface {
  readonly name: string;
  readonly description: string;
  readonly linkType: number;
  readonly snaplen: number;
  readonly filter: string;
}

/** Interfaces are numbered in the order of their blocks. */
export function interfaceBlock({ name, description, linkType, snaplen, filter }: CapturedInterface): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(linkType, 0);
  head.writeUInt32LE(snaplen, 4);
  const options = [text(2, name), text(3, description), [9, Buffer.from([9])] as const];
  // the first byte says that the filter is libpcap's text
  const filtered: readonly Option[] = filter === '' ? [] : [[11, Buffer.from(`\0${filter}`)]];
  return blockOf(block.interface, Buffer.concat([head, optionsOf([...options, ...filtered])]));
}

/** Addresses with their names, the best one first. */
export function namesBlock(names: ReadonlyMap<Uint8Array, readonly string[]>): Buffer {
  const records = Array.from(names, ([address, each]) => {
    const value = Buffer.concat([address, ...each.map((name) => Buffer.from(`${name}\0`))]);
    const record = Buffer.alloc(4 + padded(value.length));
    record.writeUInt16LE(address.length === 4 ? 1 : 2, 0);
    record.writeUInt16LE(value.length, 2);
    record.set(value, 4);
    return record;
  });
  return blockOf(block.names, Buffer.concat([...records, Buffer.alloc(4)]));
}

export interface PacketHead {
  /** Number of its interface. */
  readonly on: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** On the link; may be more than was kept. */
  readonly length: number;
  readonly isOutgoing: boolean;
  readonly vlan?: { readonly tpid: number; readonly tci: number } | undefined;
}

/** Block header, packet header, direction, end of options, and the length again. */
const packetOverhead = 28 + 12 + 4;
const tagSize = 4;
/** Behind the two MAC addresses of a frame. */
const tagAt = 12;

export const packetBlockSize = (vlan: PacketHead['vlan'], data: Uint8Array): number =>
  packetOverhead + padded(data.length + (vlan ? tagSize : 0));

const billion = 1_000_000_000n;

/** Writes a packet's block, its VLAN tag back in its place. Returns where it ends. */
export function writePacketBlock(
  into: Buffer,
  at: number,
  packet: PacketHead & { readonly data: Uint8Array },
): number {
  const { data, vlan } = packet;
  const size = packetBlockSize(vlan, data);
  const tag = vlan ? tagSize : 0;
  const time = BigInt(packet.seconds) * billion + BigInt(packet.nanoseconds);
  into.writeUInt32LE(block.packet, at);
  into.writeUInt32LE(size, at + 4);
  into.writeUInt32LE(packet.on, at + 8);
  into.writeUInt32LE(Number(time >> 32n), at + 12);
  into.writeUInt32LE(Number(time & 0xffff_ffffn), at + 16);
  into.writeUInt32LE(data.length + tag, at + 20);
  into.writeUInt32LE(packet.length + tag, at + 24);
  const start = at + 28;
  if (vlan) {
    into.set(data.subarray(0, tagAt), start);
    into.writeUInt16BE(vlan.tpid, start + tagAt);
    into.writeUInt16BE(vlan.tci, start + tagAt + 2);
    into.set(data.subarray(tagAt), start + tagAt + tagSize);
  } else into.set(data, start);
  const options = start + padded(data.length + tag);
  into.fill(0, start + data.length + tag, options);
  into.writeUInt16LE(2, options);
  into.writeUInt16LE(4, options + 2);
  into.writeUInt32LE(packet.isOutgoing ? 2 : 1, options + 4);
  into.writeUInt32LE(0, options + 8);
  into.writeUInt32LE(size, options + 12);
  return at + size;
}

/** Facility 0, severity 4 (RFC 5424, 6.2.1). */
export const kernelWarning = '<4>';

/**
 * A line of text as a packet that Wireshark shows: one of its exported PDUs, by the name of a dissector; as a warning of the kernel in
 * syslog's format, whose dissector fills the columns.
 */
export function textPacketBlock(on: number, time: bigint, line: string): Buffer {
  const dissector = Buffer.from('syslog\0\0');
  const head = Buffer.alloc(4 + dissector.length + 4);
  head.writeUInt16BE(12, 0);
  head.writeUInt16BE(dissector.length, 2);
  head.set(dissector, 4);
  const data = Buffer.concat([head, Buffer.from(kernelWarning + line)]);
  const times = { seconds: Number(time / billion), nanoseconds: Number(time % billion) };
  const packet = { on, ...times, length: data.length, isOutgoing: false, data };
  const made = Buffer.alloc(packetBlockSize(undefined, data));
  writePacketBlock(made, 0, packet);
  return made;
}

export interface InterfaceCounts {
  readonly on: number;
  readonly time: bigint;
  readonly received: number;
  readonly dropped: number;
}

export function statisticsBlock({ on, time, received, dropped }: InterfaceCounts): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(on, 0);
  head.writeUInt32LE(Number(time >> 32n), 4);
  head.writeUInt32LE(Number(time & 0xffff_ffffn), 8);
  const wide = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return bytes;
  };
  return blockOf(
    block.statistics,
    Buffer.concat([
      head,
      optionsOf([
        [4, wide(received)],
        [5, wide(dropped)],
      ]),
    ]),
  );
}

export type Block =
  | { readonly kind: 'interface'; readonly name: string; readonly linkType: number }
  | { readonly kind: 'names'; readonly names: readonly (readonly [Uint8Array, string])[] }
  | {
      readonly kind: 'packet';
      readonly on: number;
      /** Nanoseconds since the epoch. */
      readonly time: bigint;
      readonly length: number;
      readonly isOutgoing: boolean;
      readonly data: Buffer;
    }
  | { readonly kind: 'statistics'; readonly on: number; readonly received: number; readonly dropped: number };

/** Takes blocks out of chunks of such a file, wherever they are cut. Throws RangeError for what is none. */
export class BlockReader {
  #rest: Buffer = Buffer.alloc(0);

  *push(chunk: Uint8Array): Generator<Block, void, undefined> {
    for (const { block: found } of this.pushWhole(chunk)) if (found) yield found;
  }

  /** Blocks with their bytes; undefined for kinds that are not read. */
  *pushWhole(chunk: Uint8Array): Generator<{ readonly bytes: Buffer; readonly block: Block | undefined }> {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 12) {
      const length = this.#rest.readUInt32LE(4);
      if (length < 12 || length % 4 !== 0) throw new RangeError(`a block of ${length} bytes`);
      if (this.#rest.length < length) return;
      const bytes = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      yield { bytes, block: readBlock(bytes.readUInt32LE(0), bytes.subarray(8, length - 4)) };
    }
  }
}

function readBlock(type: number, body: Buffer): Block | undefined {
  if (type === block.interface)
    return {
      kind: 'interface',
      name: optionOf(body.subarray(8), 2)?.toString() ?? '',
      linkType: body.readUInt16LE(0),
    };
  if (type === block.packet) return readPacket(body);
  if (type === block.names) return { kind: 'names', names: [...readNames(body)] };
  if (type !== block.statistics) return undefined;
  const number = (code: number): number => Number(optionOf(body.subarray(12), code)?.readBigUInt64LE() ?? 0);
  return { kind: 'statistics', on: body.readUInt32LE(0), received: number(4), dropped: number(5) };
}

function readPacket(body: Buffer): Block {
  const kept = body.readUInt32LE(12);
  const flags = optionOf(body.subarray(20 + padded(kept)), 2)?.readUInt32LE() ?? 0;
  return {
    kind: 'packet',
    on: body.readUInt32LE(0),
    time: (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8)),
    length: body.readUInt32LE(16),
    isOutgoing: (flags & 3) === 2,
    data: body.subarray(20, 20 + kept),
  };
}

function optionOf(options: Buffer, wanted: number): Buffer | undefined {
  for (let at = 0; at + 4 <= options.length; ) {
    const [code, length] = [options.readUInt16LE(at), options.readUInt16LE(at + 2)];
    if (code === wanted) return options.subarray(at + 4, at + 4 + length);
    if (code === 0) return undefined;
    at += 4 + padded(length);
  }
  return undefined;
}

function* readNames(body: Buffer): Generator<readonly [Uint8Array, string]> {
  for (let at = 0; at + 4 <= body.length; ) {
    const [type, length] = [body.readUInt16LE(at), body.readUInt16LE(at + 2)];
    if (type === 0) return;
    const size = type === 1 ? 4 : 16;
    const value = body.subarray(at + 4, at + 4 + length);
    const [name = ''] = value.subarray(size).toString().split('\0');
    yield [value.subarray(0, size), name];
    at += 4 + padded(length);
  }
}
