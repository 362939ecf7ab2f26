/** A stream of pcapng as lines of text, or as it is, but in whole blocks. */
import { Transform, type TransformCallback } from 'node:stream';
import { addressText, packetText } from '../../../net/packet-text.ts';
import { type Block, BlockReader, kernelWarning, linkTypes } from '../../../net/pcapng.ts';

interface Ending {
  /** Packets after which it ends; 0 for never. */
  readonly count: number;
  readonly end: () => void;
}

/** Counts what passes. */
abstract class Packets extends Transform {
  readonly #ending: Ending;
  packets = 0;
  dropped = 0;

  constructor(ending: Ending) {
    super();
    this.#ending = ending;
  }

  /** False once there are enough. */
  protected note(block: Block): boolean {
    if (block.kind === 'statistics') this.dropped = Math.max(this.dropped, block.dropped);
    if (block.kind !== 'packet') return true;
    const { count, end } = this.#ending;
    if (count > 0 && this.packets >= count) return false;
    this.packets += 1;
    if (this.packets === count) setImmediate(end);
    return true;
  }
}

/** What is cut when a capture ends is left out, so that the file is whole. */
export class WholeBlocks extends Packets {
  readonly #reader = new BlockReader();

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const whole: Buffer[] = [];
    for (const { bytes, block } of this.#reader.pushWhole(chunk))
      if (block === undefined || this.note(block)) whole.push(bytes);
    done(null, Buffer.concat(whole));
  }
}

interface Shown {
  readonly name: string;
  readonly linkType: number;
}

export class PacketLines extends Packets {
  readonly #reader = new BlockReader();
  readonly #interfaces: Shown[] = [];
  readonly #names = new Map<string, string>();
  readonly #numeric: boolean;

  constructor({ numeric, ...ending }: Ending & { readonly numeric: boolean }) {
    super(ending);
    this.#numeric = numeric;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let text = '';
    for (const block of this.#reader.push(chunk)) if (this.note(block)) text += this.#line(block);
    done(null, text);
  }

  #line(block: Block): string {
    if (block.kind === 'interface') this.#interfaces.push(block);
    if (block.kind === 'names' && !this.#numeric)
      for (const [address, name] of block.names) this.#names.set(addressText(address), name);
    if (block.kind !== 'packet') return '';
    const { name = '', linkType = linkTypes.ethernet } = this.#interfaces[block.on] ?? {};
    const time = timeOf(block.time);
    if (linkType === linkTypes.exported) return `${time} drop ${lineOf(block.data)}\n`;
    const options = {
      isBare: linkType === linkTypes.bare,
      nameOf: (address: string) => this.#names.get(address),
    };
    return `${time} ${name} ${block.isOutgoing ? 'out' : 'in'} ${packetText(block.data, options)}\n`;
  }
}

/** Behind the tags of an exported PDU. */
function lineOf(data: Buffer): string {
  let at = 0;
  while (at + 4 <= data.length && data.readUInt16BE(at) !== 0) at += 4 + data.readUInt16BE(at + 2);
  return data.toString('utf8', at + 4 + kernelWarning.length);
}

/** Time of day of this machine, with microseconds. */
function timeOf(nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / 1_000_000n));
  const two = (value: number): string => String(value).padStart(2, '0');
  const micros = String((nanoseconds / 1_000n) % 1_000_000n).padStart(6, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${micros}`;
}
