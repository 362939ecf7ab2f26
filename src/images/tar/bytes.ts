/** Reads a stream of bytes in pieces of a given size. */
import { fail } from '../../errors.ts';

export type Bytes = AsyncIterable<Buffer>;

export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: Bytes) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Up to `most` bytes, at least one; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      this.#rest = Buffer.isBuffer(next.value) ? next.value : Buffer.from(next.value);
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** Exactly `count` bytes; undefined if the stream has ended. Throws IMAGE_INVALID if it ends in between. */
  async exactly(count: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const piece = await this.some(missing);
      if (!piece) break;
      pieces.push(piece);
      missing -= piece.length;
    }
    if (missing === count && count > 0) return undefined;
    if (missing > 0) throw cutOff();
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }
}

/** A stream, and a sink for the bytes that are not contents of files. */
export interface Input {
  readonly source: ByteSource;
  readonly raw: (bytes: Buffer) => Promise<void>;
}

/** The archive ends too early. */
export function cutOff(): Error {
  return fail('IMAGE_INVALID', 'unexpected EOF');
}
