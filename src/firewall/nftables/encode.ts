/** Elements as the kernel has them: fields of keys and data in whole words of four bytes, in network order. */
import {
  type Address,
  broadcast,
  contains,
  formatAddress,
  formatCidr,
  offset,
  parseAddress,
  parseCidr,
} from '../../net/address.ts';
import { type Family, width } from '../../net/family.ts';
import { type Element, type Field, type SetName, shapeOf } from './sets.ts';

/** One element of a message of nf_tables. A block in a set with a single field is two of them: its start, and what follows. */
export interface RawElement {
  readonly key: Uint8Array;
  /** The last key of a range, in sets with several fields. */
  readonly keyEnd?: Uint8Array;
  readonly data?: Uint8Array;
  /** The first key behind a range, in sets with a single field (NFT_SET_ELEM_INTERVAL_END). */
  readonly isEnd?: boolean;
}

/** Equal for equal elements. */
export function rawId({ key, keyEnd, data, isEnd = false }: RawElement): string {
  return `${isEnd ? '-' : '+'}${text(key)}|${keyEnd ? text(keyEnd) : ''}|${data ? text(data) : ''}`;
}

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

export function encodeElement({ set, key, data }: Element): readonly RawElement[] {
  const shape = shapeOf(set);
  const ranges = key.split(' . ').map((value, i) => rangeOf(value, fieldAt(shape.key, i)));
  const to = data === undefined ? {} : { data: encodeData(data, shape.data ?? []) };
  const first = Buffer.concat(ranges.map(([from]) => from));
  if (!shape.interval) return [{ key: first, ...to }];
  const last = Buffer.concat(ranges.map(([, end]) => end));
  if (shape.key.length > 1) return [{ key: first, keyEnd: last, ...to }];
  const behind = after(last);
  return [{ key: first, ...to }, ...(behind ? [{ key: behind, isEnd: true }] : [])];
}

function fieldAt(fields: readonly Field[], index: number): Field {
  const field = fields[index];
  if (field === undefined) throw new RangeError(`no field ${index}`);
  return field;
}

const encodeData = (data: string, fields: readonly Field[]): Uint8Array =>
  Buffer.concat(data.split(' . ').map((value, i) => rangeOf(value, fieldAt(fields, i))[0]));

const protocols: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };

/** First and last value, each in whole words. */
function rangeOf(value: string, field: Field): readonly [Buffer, Buffer] {
  switch (field) {
    case 'protocol':
      return same(Buffer.from([protocols[value] ?? 0, 0, 0, 0]));
    case 'port': {
      const [from = '', to = from] = value.split('-');
      return [portBytes(Number(from)), portBytes(Number(to))];
    }
    case 'link':
      return same(Buffer.concat([Buffer.from(value)], 16));
    case 'address': {
      if (!value.includes('/')) return same(addressBytes(parseAddress(value)));
      const block = parseCidr(value);
      return [addressBytes(block), addressBytes(broadcast(block))];
    }
  }
}

const same = (bytes: Buffer): readonly [Buffer, Buffer] => [bytes, bytes];

function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(port);
  return bytes;
}

const addressBytes = ({ version, value }: Address): Buffer =>
  Buffer.from(value.toString(16).padStart(width(version) / 4, '0'), 'hex');

/** The next number; undefined after the last one. */
function after(bytes: Uint8Array): Buffer | undefined {
  const next = Buffer.from(bytes);
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = ((next[i] ?? 0) + 1) & 0xff;
    if (next[i] !== 0) return next;
  }
  return undefined;
}

/** An element for the log. */
export function describeRaw(set: SetName, { key, keyEnd, data }: RawElement): string {
  const shape = shapeOf(set);
  const from = decodeFields(key, shape.key);
  const to = keyEnd ? decodeFields(keyEnd, shape.key) : from;
  const fields = from.map((value, i) => rangeText(value, to[i] ?? value, fieldAt(shape.key, i)));
  const lead = data && shape.data ? ` : ${decodeFields(data, shape.data).join(' . ')}` : '';
  return `${fields.join(' . ')}${lead}`;
}

function rangeText(from: string, to: string, field: Field): string {
  if (from === to) return from;
  return field === 'address' ? (blockText(from, to) ?? `${from}-${to}`) : `${from}-${to}`;
}

function blockText(from: string, to: string): string | undefined {
  const [first, last] = [parseAddress(from), parseAddress(to)];
  const bits = (last.value ^ first.value).toString(2).length;
  const block = { ...first, prefix: width(first.version) - bits };
  const isBlock = contains(block, last) && offset(broadcast(block), 0n).value === last.value;
  return isBlock ? formatCidr(block) : undefined;
}

function decodeFields(bytes: Uint8Array, fields: readonly Field[]): readonly string[] {
  const buffer = Buffer.from(bytes);
  // what is not an address has a fixed size
  const rest = fields.reduce((sum, field) => sum + (field === 'address' ? 0 : sizes[field]), 0);
  const addresses = fields.filter((field) => field === 'address').length;
  const addressSize = addresses === 0 ? 0 : (bytes.length - rest) / addresses;
  let at = 0;
  return fields.map((field) => {
    const size = field === 'address' ? addressSize : sizes[field];
    const part = buffer.subarray(at, at + size);
    at += size;
    return decodeField(part, field);
  });
}

const sizes = { protocol: 4, port: 4, link: 16 } as const;

function decodeField(part: Buffer, field: Field): string {
  switch (field) {
    case 'protocol':
      return Object.keys(protocols).find((name) => protocols[name] === part[0]) ?? String(part[0]);
    case 'port':
      return String(part.readUInt16BE(0));
    case 'link':
      return part.toString('latin1').replace(/\0.*$/s, '');
    case 'address': {
      const version: Family = part.length === 4 ? 4 : 6;
      return formatAddress({ version, value: BigInt(`0x${part.toString('hex')}`) });
    }
  }
}
