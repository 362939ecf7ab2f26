/** A D-Bus message: a call, its reply, an error, or a signal. Pure. */
import { fail } from '../errors.ts';
import { Reader, type Value, type Variant, variant, Writer } from './wire.ts';

export const kinds = { call: 1, reply: 2, error: 3, signal: 4 } as const;

export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly values?: readonly Value[];
}

export interface Message {
  readonly kind: number;
  /** The serial of the call that it answers. */
  readonly replyTo: number;
  readonly interface: string;
  readonly member: string;
  readonly errorName: string;
  readonly values: readonly Value[];
}

/** Header field codes. */
const fields = { path: 1, interface: 2, member: 3, errorName: 4, replyTo: 5, destination: 6, signature: 8 };
const version = 1;
const fixedHeader = 16;
/** Bytes. The bus itself allows 128 MiB; the messages read here are far smaller. */
const longest = 4 << 20;

export function encodeCall(call: Call, serial: number): Buffer {
  const body = new Writer();
  const signature = call.signature ?? '';
  body.write(signature, call.values ?? []);
  const header: (readonly [number, Variant])[] = [
    [fields.path, variant('o', call.path)],
    [fields.interface, variant('s', call.interface)],
    [fields.member, variant('s', call.member)],
    [fields.destination, variant('s', call.destination)],
  ];
  if (signature !== '') header.push([fields.signature, variant('g', signature)]);
  const message = new Writer();
  for (const byte of ['l'.charCodeAt(0), kinds.call, 0, version]) message.byte(byte);
  message.uint32(body.length);
  message.uint32(serial);
  message.write('a(yv)', [header]);
  message.align(8);
  return Buffer.concat([message.bytes(), body.bytes()]);
}

/** The length of the message that begins here; undefined if its header is not complete. Throws DBUS. */
export function lengthOf(bytes: Buffer): number | undefined {
  if (bytes.length < fixedHeader) return undefined;
  if (bytes[0] !== 'l'.charCodeAt(0)) throw fail('DBUS', 'read a message', 'it is not little-endian');
  const header = Math.ceil((fixedHeader + bytes.readUInt32LE(12)) / 8) * 8;
  const length = header + bytes.readUInt32LE(4);
  if (length > longest) throw fail('DBUS', 'read a message', `it has ${length} bytes`);
  return length;
}

export function decode(bytes: Buffer): Message {
  const reader = new Reader(bytes, 12);
  const [list = []] = reader.read('a(yv)');
  const header = new Map(list as readonly (readonly [number, Variant])[]);
  const text = (field: number): string => String(header.get(field)?.value ?? '');
  reader.align(8);
  return {
    kind: bytes.readUInt8(1),
    replyTo: Number(header.get(fields.replyTo)?.value ?? 0),
    interface: text(fields.interface),
    member: text(fields.member),
    errorName: text(fields.errorName),
    values: reader.read(text(fields.signature)),
  };
}
