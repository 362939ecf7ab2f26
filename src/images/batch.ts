/** Collects small writes into large ones: an archive of small files is mostly headers. */
import { write } from './compression.ts';

const batchSize = 1 << 18;

export interface Batch {
  /** Collects the piece; writes once there is enough and waits for a slow reader. */
  write(piece: Buffer): Promise<void>;
  /** Writes the rest. */
  flush(): Promise<void>;
}

export function batched(to: NodeJS.WritableStream): Batch {
  let pieces: Buffer[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const all = pieces;
    pieces = [];
    size = 0;
    await write(to, Buffer.concat(all));
  };
  return {
    async write(piece) {
      pieces.push(piece);
      size += piece.length;
      if (size >= batchSize) await flush();
    },
    flush,
  };
}
