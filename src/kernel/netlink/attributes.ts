/**
 * Netlink attributes (include/uapi/linux/netlink.h, struct nlattr): u16 length with header, u16 type,
 * payload, padded to 4 bytes; host byte order (little endian on x86-64 and arm64).
 * Encoding grows one buffer; decoding makes views, never copies. Pure.
 */

const HEADER = 4;
const NESTED = 0x8000;
/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff;

const align = (length: number): number => (length + 3) & ~3;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Builds the body of a message: a struct, then attributes. */
export class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** The bytes written so far; valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Room for a struct of `size` bytes, filled in by `fill`. */
  struct(size: number, fill: (view: DataView) => void): this {
    const start = this.#reserve(align(size));
    fill(new DataView(this.#bytes.buffer, start, size));
    return this;
  }

  data(type: number, payload: Uint8Array): this {
    const start = this.#header(type, payload.length);
    this.#bytes.set(payload, start);
    return this;
  }

  /** NUL-terminated text. */
  text(type: number, value: string): this {
    return this.data(type, encoder.encode(`${value}\0`));
  }

  u8(type: number, value: number): this {
    const at = this.#header(type, 1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(type: number, value: number): this {
    const at = this.#header(type, 2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  /** Network byte order, as ports are. */
  u16be(type: number, value: number): this {
    const at = this.#header(type, 2);
    this.#view.setUint16(at, value, false);
    return this;
  }

  u32(type: number, value: number): this {
    const at = this.#header(type, 4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u32be(type: number, value: number): this {
    const at = this.#header(type, 4);
    this.#view.setUint32(at, value, false);
    return this;
  }

  /** A nested attribute with what `fill` writes. */
  nested(type: number, fill: (writer: this) => void): this {
    const start = this.#header(type | NESTED, 0) - HEADER;
    fill(this);
    this.#view.setUint16(start, this.#length - start, true);
    return this;
  }

  /** Writes the header, reserves the payload and returns its offset. May replace the view. */
  #header(type: number, payload: number): number {
    const start = this.#reserve(align(HEADER + payload));
    this.#view.setUint16(start, HEADER + payload, true);
    this.#view.setUint16(start + 2, type, true);
    return start + HEADER;
  }

  #reserve(size: number): number {
    const start = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const bigger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      bigger.set(this.#bytes);
      this.#bytes = bigger;
      this.#view = new DataView(bigger.buffer);
    }
    return start;
  }
}

/** Parsed attributes by type; the first of several with the same type counts. */
export class Attributes {
  readonly #byType = new Map<number, Uint8Array>();

  constructor(bytes: Uint8Array) {
    for (const [type, payload] of attributesOf(bytes)) {
      if (!this.#byType.has(type)) this.#byType.set(type, payload);
    }
  }

  data(type: number): Uint8Array | undefined {
    return this.#byType.get(type);
  }

  text(type: number): string | undefined {
    const payload = this.#byType.get(type);
    if (payload === undefined) return undefined;
    const end = payload.indexOf(0);
    return decoder.decode(end < 0 ? payload : payload.subarray(0, end));
  }

  u8(type: number): number | undefined {
    return this.#byType.get(type)?.[0];
  }

  u16(type: number): number | undefined {
    const payload = this.#byType.get(type);
    return payload === undefined || payload.length < 2 ? undefined : viewOf(payload).getUint16(0, true);
  }

  u16be(type: number): number | undefined {
    const payload = this.#byType.get(type);
    return payload === undefined || payload.length < 2 ? undefined : viewOf(payload).getUint16(0, false);
  }

  u32be(type: number): number | undefined {
    const payload = this.#byType.get(type);
    return payload === undefined || payload.length < 4 ? undefined : viewOf(payload).getUint32(0, false);
  }

  u32(type: number): number | undefined {
    const payload = this.#byType.get(type);
    return payload === undefined || payload.length < 4 ? undefined : viewOf(payload).getUint32(0, true);
  }

  /** The attributes nested in one; empty where it is missing. */
  nested(type: number): Attributes {
    return new Attributes(this.#byType.get(type) ?? new Uint8Array());
  }
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Attributes in order. An invalid length ends the walk, as in the kernel. */
export function* attributesOf(bytes: Uint8Array): Generator<readonly [number, Uint8Array]> {
  const view = viewOf(bytes);
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const length = view.getUint16(at, true);
    if (length < HEADER || at + length > bytes.length) return;
    yield [view.getUint16(at + 2, true) & TYPE_MASK, bytes.subarray(at + HEADER, at + length)];
    at += align(length);
  }
}
