/** Unpacks a layer's tar into a folder for overlayfs: reads, judges and rewrites it for GNU tar. */
import { createHash } from 'node:crypto';
import { messageOf } from '../errors.ts';
import { type Batch, batched } from './batch.ts';
import { extractFlags, type RunningTar, startTar } from './gnutar.ts';
import { type RecipeWriter, writeRecipe } from './recipe.ts';
import type { Bytes } from './tar/bytes.ts';
import type { TarEntry } from './tar/entry.ts';
import { LayerJudge } from './tar/judge.ts';
import { type ReadEntry, readTar } from './tar/reader.ts';
import { encodeEntry, endOfArchive, padding, plainEntry } from './tar/writer.ts';

/** Marks an opaque folder in overlayfs (Documentation/filesystems/overlayfs.rst). */
export const opaqueXattr = 'trusted.overlay.opaque';

export interface Unpacked {
  /** `sha256:` of the uncompressed tar. */
  readonly diffId: string;
  /** Bytes of all files. */
  readonly size: number;
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number;
}

/**
 * Unpacks an uncompressed layer into the existing, empty `folder` and writes its recipe. Throws IMAGE_INVALID or
 * RUNTIME_FAILED; the caller then removes the files.
 */
export async function unpackLayer(
  tar: Bytes,
  to: { readonly folder: string; readonly recipe: string; readonly endMark: 'required' | 'optional' },
): Promise<Unpacked> {
  const recipe = writeRecipe(to.recipe);
  const running = startTar('unpack the layer', 'tar', [...extractFlags, `--directory=${to.folder}`]);
  const layer = new LayerWriter(running, recipe);
  try {
    const entries = readTar(layer.hashing(tar), { raw: recipe.raw, endMark: to.endMark });
    for await (const read of entries) await layer.put(read);
    await layer.finish();
    await recipe.close();
    return { diffId: layer.diffId(), size: layer.size, tarSize: layer.tarSize };
  } catch (thrown) {
    recipe.abandon();
    throw await reasonOf(thrown, running);
  }
}

/** The reason of a failure: after a broken pipe it is tar's message. */
export async function reasonOf(thrown: unknown, running: RunningTar): Promise<unknown> {
  const pipeBroke = /EPIPE|write after end|ERR_STREAM|premature/i.test(messageOf(thrown));
  if (!pipeBroke) running.stop();
  const tarSays = await running.done.then(
    () => undefined,
    (error: unknown) => error,
  );
  return pipeBroke && tarSays ? tarSays : thrown;
}

class LayerWriter {
  size = 0;
  tarSize = 0;
  readonly #hash = createHash('sha256');
  readonly #judge = new LayerJudge();
  readonly #tar: RunningTar;
  readonly #out: Batch;
  readonly #recipe: RecipeWriter;
  /** Folders of the archive, because an opaque mark repeats the folder's header with one more xattr. */
  readonly #folders = new Map<string, TarEntry>();

  constructor(tar: RunningTar, recipe: RecipeWriter) {
    this.#tar = tar;
    this.#out = batched(tar.input);
    this.#recipe = recipe;
  }

  async *hashing(tar: Bytes): AsyncGenerator<Buffer, void> {
    for await (const piece of tar) {
      this.#hash.update(piece);
      this.tarSize += piece.length;
      yield piece;
    }
  }

  /** The digest of everything that passed `hashing`; may be called once. */
  diffId(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }

  async put({ entry, data }: ReadEntry): Promise<void> {
    const verdict = this.#judge.judge(entry);
    if (verdict.kind === 'skip') return;
    for (const path of verdict.missing)
      await this.#header({ ...plainEntry('dir', path), mtime: entry.mtime });
    if (verdict.kind === 'whiteout')
      await this.#header({ ...plainEntry('char', verdict.path), mode: 0, mtime: entry.mtime });
    else if (verdict.kind === 'opaque') await this.#opaque(verdict.path);
    else await this.#entry({ ...entry, name: verdict.path, linkName: verdict.linkName }, data());
  }

  async finish(): Promise<void> {
    await this.#out.write(endOfArchive);
    await this.#out.flush();
    this.#tar.input.end();
    await this.#tar.done;
  }

  async #opaque(path: string): Promise<void> {
    const folder = this.#folders.get(path) ?? plainEntry('dir', path);
    await this.#header({ ...folder, xattrs: new Map([...folder.xattrs, [opaqueXattr, 'y']]) });
  }

  async #entry(entry: TarEntry, data: AsyncIterable<Buffer>): Promise<void> {
    const clean = { ...entry, xattrs: withoutOverlay(entry.xattrs) };
    if (entry.kind === 'dir') this.#folders.set(entry.name, clean);
    await this.#header(clean);
    // sparse files have little data, which the recipe keeps, because its offsets in the file differ
    const inFile = entry.kind === 'file' && entry.size > 0 && !entry.sparse;
    if (inFile) await this.#recipe.file(entry.name, entry.size);
    for await (const piece of data) {
      await this.#out.write(piece);
      if (!inFile) await this.#recipe.raw(piece);
    }
    await this.#out.write(padding(entry.size));
    this.size += entry.sparse?.realSize ?? (entry.kind === 'symlink' ? entry.linkName.length : entry.size);
  }

  async #header(entry: TarEntry): Promise<void> {
    await this.#out.write(encodeEntry(entry.name === '' ? { ...entry, name: './' } : entry));
  }
}

/** Drops xattrs that control overlayfs (redirects, metacopy). */
function withoutOverlay(xattrs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...xattrs].filter(([key]) => !/^(trusted|user)\.overlay\./.test(key)));
}
