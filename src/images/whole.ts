/** A blob of a layer, uncompressed. */
import { decompressed } from './compression.ts';
import type { Bytes } from './tar/bytes.ts';

/** The uncompressed content, read to its very end, so that the digest check sees all of it. */
export async function* whole(content: Bytes): Bytes & AsyncGenerator<Buffer, void> {
  const chunks = content[Symbol.asyncIterator]();
  const again: Bytes = { [Symbol.asyncIterator]: () => chunks };
  yield* decompressed(again);
  while (!(await chunks.next()).done);
}
