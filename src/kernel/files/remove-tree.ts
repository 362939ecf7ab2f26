/**
 * Removes a folder that a container or an image has filled. Everything is named relative to a descriptor, so paths
 * may be longer than PATH_MAX, and no symbolic link is followed. A subfolder is first renamed into the top folder
 * and then emptied, so that two descriptors are enough at any depth, and a mount within the tree stops the
 * removal (EBUSY) before anything below it is lost.
 */
import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { type FileHandle, open, opendir, rename, rmdir, unlink } from 'node:fs/promises';

const folderOnly = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Entries that are removed concurrently. */
const atOnce = 64;

const codeOf = (thrown: unknown): string | undefined => (thrown as NodeJS.ErrnoException).code;

/** `folder/name` where the name may be any bytes. */
const inFolder = (folder: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), name]);

async function ignoring(code: string, work: Promise<unknown>): Promise<void> {
  await work.catch((thrown: unknown) => {
    if (codeOf(thrown) !== code) throw thrown;
  });
}

async function* batches(folder: string): AsyncGenerator<readonly Dirent<Buffer>[], void> {
  // the typings lack names as bytes
  const options = { encoding: 'buffer' as BufferEncoding, bufferSize: atOnce };
  const listing = (await opendir(folder, options)) as unknown as AsyncIterable<Dirent<Buffer>>;
  let batch: Dirent<Buffer>[] = [];
  for await (const entry of listing) {
    batch.push(entry);
    if (batch.length < atOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Removes a file, or a folder with its content. A missing path is no error. */
export async function removeTree(path: string): Promise<void> {
  let top: FileHandle;
  try {
    top = await open(path, folderOnly);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ENOENT') return;
    if (code === 'ENOTDIR' || code === 'ELOOP') return ignoring('ENOENT', unlink(path));
    throw thrown;
  }
  try {
    await naming(path, top, emptyFolder(placeOf(top)));
  } finally {
    await top.close();
  }
  await ignoring('ENOENT', rmdir(path));
}

async function emptyFolder(top: string): Promise<void> {
  const prefix = `.removed-${randomUUID()}-`;
  const waiting: string[] = [];
  let moved = 0;
  const removeEntry = async (folder: string, entry: Dirent<Buffer>): Promise<void> => {
    // a listing of the top folder may show what was moved there meanwhile
    if (entry.name.toString().startsWith(prefix)) return;
    const from = inFolder(folder, entry.name);
    if (!entry.isDirectory()) return ignoring('ENOENT', unlink(from));
    const to = `${top}/${prefix}${moved++}`;
    await rename(from, to);
    waiting.push(to);
  };
  const emptyOne = async (folder: string): Promise<void> => {
    for await (const batch of batches(folder))
      await Promise.all(batch.map((entry) => removeEntry(folder, entry)));
  };
  const removeMoved = async (folder: string): Promise<void> => {
    const handle = await open(folder, folderOnly);
    try {
      // a listing may miss entries while others are removed
      do await naming(folder, handle, emptyOne(placeOf(handle)));
      while (await fails('ENOTEMPTY', rmdir(folder)));
    } finally {
      await handle.close();
    }
  };
  await emptyOne(top);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await removeMoved(next);
}

const placeOf = ({ fd }: FileHandle): string => `/proc/self/fd/${fd}`;

/** Replaces the descriptor's path in errors by the folder's path. */
async function naming(path: string, handle: FileHandle, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof Error)
      thrown.message = thrown.message.replace(`${placeOf(handle)}/`, () => `${path}/`);
    throw thrown;
  }
}

async function fails(code: string, work: Promise<void>): Promise<boolean> {
  return work.then(
    () => false,
    (thrown: unknown) => {
      if (codeOf(thrown) === code) return true;
      throw thrown;
    },
  );
}
