/**
 * The D-Bus wire format (https://dbus.freedesktop.org/doc/dbus-specification.html), little-endian, for the types that
 * firewalld's calls and signals use. Pure.
 */
import { fail } from '../errors.ts';

/** Arrays, structs and dict entries are lists. */
export type Value = string | number | boolean | Variant | readonly Value[];

export interface Variant {
  readonly signature: string;
  readonly value: Value;
}

export const variant = (signature: string, value: Value): Variant => ({ signature, value });

const alignments: Readonly<Record<string, number>> = { y: 1, g: 1, v: 1, '(': 8, '{': 8 };
const alignmentOf = (type: string): number => alignments[type.charAt(0)] ?? 4;
const padding = (length: number, alignment: number): number => (alignment - (length % alignment)) % alignment;

const damaged = (why: string): Error => fail('DBUS', 'read a message', why);

/** The complete types of a signature: `sa{sv}` has two. Throws DBUS for an unknown type. */
export function typesOf(signature: string): readonly string[] {
  const types: string[] = [];
  for (let from = 0; from < signature.length; ) {
    const end = endOfType(signature, from);
    types.push(signature.slice(from, end));
    from = end;
  }
  return types;
}

function endOfType(signature: string, from: number): number {
  const code = signature.charAt(from);
  if (code === 'a') return endOfType(signature, from + 1);
  const close = code === '(' ? ')' : code === '{' ? '}' : '';
  if (close === '') {
    if (!'ybusogv'.includes(code) || code === '') throw damaged(`the type "${signature}" is not known`);
    return from + 1;
  }
  // an empty struct would have no length, so that an array of it would never end
  if (signature.charAt(from + 1) === close) throw damaged(`the type "${signature}" is not known`);
  let at = from + 1;
  while (signature.charAt(at) !== close) at = endOfType(signature, at);
  return at + 1;
}

const inside = (type: string): string => type.slice(1, -1);

export class Writer {
  readonly #chunks: Buffer[] = [];
  length = 0;

  #put(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  align(alignment: number): void {
    this.#put(Buffer.alloc(padding(this.length, alignment)));
  }

  uint32(number: number): void {
    this.align(4);
    const chunk = Buffer.alloc(4);
    chunk.writeUInt32LE(number);
    this.#put(chunk);
  }

  byte(number: number): void {
    this.#put(Buffer.from([number]));
  }

  write(signature: string, values: readonly Value[]): void {
    const types = typesOf(signature);
    if (types.length !== values.length) throw fail('BUG', `"${signature}" for ${values.length} values`);
    for (const [index, type] of types.entries()) this.#value(type, values[index] ?? '');
  }

  #value(type: string, value: Value): void {
    this.align(alignmentOf(type));
    if (typeof value === 'string') this.#text(type, value);
    else if (typeof value === 'number') type === 'y' ? this.byte(value) : this.uint32(value);
    else if (typeof value === 'boolean') this.uint32(value ? 1 : 0);
    else if (!('signature' in value)) {
      if (type.startsWith('a')) this.#array(type.slice(1), value);
      else this.write(inside(type), value);
    } else {
      this.#text('g', value.signature);
      this.#value(value.signature, value.value);
    }
  }

  #text(type: string, text: string): void {
    const bytes = Buffer.from(`${text}\0`);
    if (type === 'g') this.byte(bytes.length - 1);
    else this.uint32(bytes.length - 1);
    this.#put(bytes);
  }

  /** An array's length does not include the padding before its first element. */
  #array(element: string, values: readonly Value[]): void {
    const length = Buffer.alloc(4);
    this.#put(length);
    this.align(alignmentOf(element));
    const start = this.length;
    for (const value of values) this.#value(element, value);
    length.writeUInt32LE(this.length - start);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

export class Reader {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  align(alignment: number): void {
    this.at += padding(this.at, alignment);
  }

  /** Skips `length` bytes and returns where they begin. Throws DBUS if there are fewer. */
  #take(length: number): number {
    const start = this.at;
    if (start + length > this.#bytes.length) throw damaged('it is cut off');
    this.at += length;
    return start;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  uint32(): number {
    this.align(4);
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  read(signature: string): readonly Value[] {
    return typesOf(signature).map((type) => this.#value(type));
  }

  #value(type: string): Value {
    this.align(alignmentOf(type));
    const code = type.charAt(0);
    if (code === 'y') return this.byte();
    if (code === 'u') return this.uint32();
    if (code === 'b') return this.uint32() !== 0;
    if (code === 'v') return this.#variant();
    if (code === 'a') return this.#array(type.slice(1));
    if (code === '(' || code === '{') return this.read(inside(type));
    return this.#text(code);
  }

  #variant(): Variant {
    const signature = this.#text('g');
    const [value = '', ...more] = this.read(signature);
    if (more.length > 0) throw damaged('a variant has several values');
    return { signature, value };
  }

  #text(code: string): string {
    const length = code === 'g' ? this.byte() : this.uint32();
    const start = this.#take(length + 1);
    return this.#bytes.toString('utf8', start, start + length);
  }

  #array(element: string): readonly Value[] {
    const length = this.uint32();
    this.align(alignmentOf(element));
    const end = this.at + length;
    const values: Value[] = [];
    while (this.at < end) values.push(this.#value(element));
    return values;
  }
}
