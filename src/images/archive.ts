/**
 * Files in and out of a container's root: `docker cp` and `export`. Paths are resolved inside the root;
 * tar runs where nothing else can be reached (jail.ts).
 */
import { Readable } from 'node:stream';
import { fail } from '../errors.ts';
import { batched } from './batch.ts';
import { decompressed } from './compression.ts';
import { createFlags, extractFlags } from './gnutar.ts';
import { InsertJudge } from './insert-judge.ts';
import { jailedTar } from './jail.ts';
import { ownerOf } from './owner.ts';
import { locate, type PathStat, statOf } from './path-stat.ts';
import { asText, mountAt, type RootView, viewOf } from './root-tree.ts';
import type { Bytes } from './tar/bytes.ts';
import type { TarEntry } from './tar/entry.ts';
import { longestPath } from './tar/judge.ts';
import { readTar } from './tar/reader.ts';
import { splitPath } from './tar/resolve.ts';
import { encodeEntry, endOfArchive, padding } from './tar/writer.ts';
import { reasonOf } from './unpack.ts';

/** HEAD /containers/{id}/archive. Throws PATH_NOT_FOUND. */
export async function statPath(root: string | RootView, path: string): Promise<PathStat> {
  const view = viewOf(root);
  return statOf(view, await locate(view, path));
}

/** GET /containers/{id}/archive: a file or a whole folder, under the last component of the requested path. */
export async function packPath(
  root: string | RootView,
  path: string,
): Promise<{ readonly stat: PathStat; readonly stream: Readable }> {
  const view = viewOf(root);
  const found = await locate(view, path);
  const isFolder = found.stats.isDirectory();
  const [folder, name] = splitPath(found.path);
  const member = asText(found.path);
  const where = isFolder
    ? { at: member, pick: '.' }
    : { at: asText(folder), member, pick: `./${asText(name)}` };
  const base = Buffer.from(found.base).toString('latin1');
  const rename = isFolder ? (entry: string): string => rebased(entry, base) : (): string => base;
  const stat = await statOf(view, found);
  const stream = Readable.from(packed(view, where, rename), { objectMode: false });
  return { stat, stream };
}

/** Renames `./a` to `etc/a` in an archive of `etc`, and to `/a` in one of the root, `/`. */
function rebased(entry: string, base: string): string {
  const rest = entry.replace(/^\.\/?/, '');
  if (base === '/') return `/${rest}`;
  return rest === '' ? base : `${base}/${rest}`;
}

/** The whole root, as in `docker export`: names without a leading `./`, without an entry for the root. */
export function exportRoot(root: string | RootView): Readable {
  const rename = (entry: string): string => entry.replace(/^\.\/?/, '');
  return Readable.from(packed(viewOf(root), { at: '', pick: '.' }, rename), { objectMode: false });
}

async function* packed(
  view: RootView,
  where: { readonly at: string; readonly member?: string; readonly pick: string },
  rename: (entry: string) => string,
): Bytes & AsyncGenerator<Buffer, void> {
  const flags = [...createFlags, '--', where.pick];
  const tar = jailedTar(`read ${where.at || '/'} of the container`, view, { ...where, flags });
  tar.input.end();
  try {
    for await (const { entry, data } of readTar(tar.output, { endMark: 'optional' })) {
      const name = rename(entry.name);
      if (name === '') continue;
      if (name.length > longestPath)
        throw fail('RUNTIME_FAILED', 'read files of the container', 'a file name too long');
      const linkName = entry.kind === 'link' ? rename(entry.linkName) : entry.linkName;
      yield encodeEntry({ ...entry, name, linkName });
      yield* data();
      yield padding(entry.size);
    }
    await tar.done;
    yield endOfArchive;
  } finally {
    tar.stop();
  }
}

export interface UnpackOptions {
  /** Refuse to replace a folder by a non-folder and vice versa. */
  readonly noOverwriteDirNonDir: boolean;
  /** Files get the container's user (`user`) as owner, which is what Docker's option does, else the archive's. */
  readonly copyUIDGID: boolean;
  /** `User` of the container. */
  readonly user?: string;
}

/**
 * PUT /containers/{id}/archive: unpacks into an existing folder. Throws PATH_NOT_FOUND, BAD_REQUEST,
 * PATH_READ_ONLY, IMAGE_INVALID; files unpacked before an error stay.
 */
export async function unpackInto(
  root: string | RootView,
  path: string,
  archive: AsyncIterable<Buffer>,
  options: UnpackOptions,
): Promise<void> {
  const view = viewOf(root);
  const found = await locate(view, path, true);
  if (!found.stats.isDirectory()) throw fail('BAD_REQUEST', 'extraction point is not a directory');
  refuseReadOnly(view, found.path);
  const owner = options.copyUIDGID && options.user ? await ownerOf(view, options.user) : undefined;
  const judge = new InsertJudge(view, { into: found.path, keepKinds: options.noOverwriteDirNonDir });
  const tar = jailedTar('copy into the container', view, { at: '', flags: extractFlags });
  const out = batched(tar.input);
  try {
    for await (const { entry, data } of readTar(decompressed(archive), { endMark: 'optional' })) {
      const landed = await judge.judge(entry);
      const withOwner = (one: TarEntry): TarEntry => (owner ? { ...one, ...owner } : one);
      for (const one of landed.before) await out.write(encodeEntry(withOwner(one)));
      if (!landed.entry) continue;
      await out.write(encodeEntry(withOwner(landed.entry)));
      for await (const piece of data()) await out.write(piece);
      await out.write(padding(entry.size));
    }
    await out.write(endOfArchive);
    await out.flush();
    tar.input.end();
    await tar.done;
  } catch (thrown) {
    throw await reasonOf(thrown, tar);
  }
}

function refuseReadOnly(view: RootView, path: string): void {
  const mount = mountAt(view, asText(path));
  if (mount && !mount.readWrite) throw fail('PATH_READ_ONLY', 'mounted volume is marked read-only');
  if (!mount && view.readOnly) throw fail('PATH_READ_ONLY', 'container rootfs is marked read-only');
}
