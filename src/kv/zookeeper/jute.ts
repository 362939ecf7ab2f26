/** Jute, ZooKeeper's encoding: big-endian numbers, strings and lists with a length before them. */

export class Writer {
  #bytes = Buffer.alloc(256);
  #length = 0;

  #room(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    return at;
  }

  int(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  long(value: bigint): this {
    const at = this.#room(8);
    this.#bytes.writeBigInt64BE(value, at);
    return this;
  }

  bool(value: boolean): this {
    const at = this.#room(1);
    this.#bytes[at] = value ? 1 : 0;
    return this;
  }

  buffer(value: Uint8Array): this {
    this.int(value.length);
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  text(value: string): this {
    return this.buffer(Buffer.from(value));
  }

  /** The bytes written, with their length before them. */
  framed(): Buffer {
    const message = Buffer.alloc(4 + this.#length);
    message.writeInt32BE(this.#length, 0);
    this.#bytes.copy(message, 4, 0, this.#length);
    return message;
  }
}

/** Throws RangeError if a message is too short. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  #next(size: number): number {
    const at = this.#at;
    if (size < 0 || at + size > this.#bytes.length) throw new RangeError('a message ends too early');
    this.#at += size;
    return at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#next(4));
  }

  long(): bigint {
    return this.#bytes.readBigInt64BE(this.#next(8));
  }

  bool(): boolean {
    return this.#bytes[this.#next(1)] === 1;
  }

  /** A length of -1 stands for null. */
  buffer(): Buffer {
    const size = this.int();
    if (size === -1) return Buffer.alloc(0);
    const at = this.#next(size);
    return this.#bytes.subarray(at, at + size);
  }

  text(): string {
    return this.buffer().toString();
  }

  texts(): readonly string[] {
    const count = this.int();
    if (count > this.#bytes.length) throw new RangeError('a list is longer than its message');
    return Array.from({ length: Math.max(0, count) }, () => this.text());
  }
}

/** Splits a byte stream into messages. */
export class Frames {
  #parts: Buffer[] = [];
  #size = 0;
  readonly #largest: number;

  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Returns the complete messages. Throws RangeError for an invalid length. */
  take(part: Buffer): readonly Buffer[] {
    this.#parts.push(part);
    this.#size += part.length;
    const messages: Buffer[] = [];
    for (;;) {
      const wanted = this.#length();
      if (wanted === undefined || this.#size < 4 + wanted) return messages;
      const all = this.#joined();
      messages.push(all.subarray(4, 4 + wanted));
      this.#parts = [all.subarray(4 + wanted)];
      this.#size = all.length - 4 - wanted;
    }
  }

  #joined(): Buffer {
    const [first] = this.#parts;
    return this.#parts.length === 1 && first ? first : Buffer.concat(this.#parts);
  }

  #length(): number | undefined {
    if (this.#size < 4) return undefined;
    const [first] = this.#parts;
    if (!first || first.length < 4) this.#parts = [this.#joined()];
    const length = this.#parts[0]?.readInt32BE(0) ?? 0;
    if (length < 0 || length > this.#largest) throw new RangeError(`a message of ${length} bytes`);
    return length;
  }
}
