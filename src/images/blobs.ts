/** Image configurations by digest: `images/blobs/sha256/<hex>`, as in an OCI layout. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idOf } from './config.ts';
import { hexOf, names } from './layers.ts';

export interface Blobs {
  /** Writes the blob atomically by rename; returns its digest. */
  write(content: Buffer): Promise<string>;
  read(digest: string): Promise<Buffer>;
  remove(digest: string): Promise<void>;
  list(): Promise<readonly string[]>;
}

export function openBlobs(images: string): Blobs {
  const folder = join(images, 'blobs', 'sha256');
  return {
    async write(content) {
      await mkdir(folder, { recursive: true });
      const digest = idOf(content);
      const work = join(folder, `.tmp-${randomUUID()}`);
      await writeFile(work, content, { flush: true });
      await rename(work, join(folder, hexOf(digest)));
      return digest;
    },
    read: (digest) => readFile(join(folder, hexOf(digest))),
    remove: (digest) => rm(join(folder, hexOf(digest)), { force: true }),
    async list() {
      const all = await names(folder);
      const halves = all.filter((name) => name.startsWith('.tmp-'));
      for (const name of halves) await rm(join(folder, name), { force: true });
      return all.filter((name) => !name.startsWith('.')).map((hex) => `sha256:${hex}`);
    },
  };
}
