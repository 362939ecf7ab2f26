/** Files of a container: `cp`, `diff`, `export`, `commit`. */
import { finished, type Readable } from 'node:stream';
import { exportRoot as exportTree, packPath, statPath, unpackInto } from '../../images/archive.ts';
import type { CommitOptions, FileChange } from '../../images/images.ts';
import type { PathStat } from '../../images/path-stat.ts';
import type { RootMount, RootView } from '../../images/root-tree.ts';
import type { Container, MountPoint } from '../../model/container.ts';
import type { Image } from '../../model/image.ts';
import { findContainer } from '../../model/references.ts';
import type { Core } from '../core.ts';
import { familiarString, tellImage } from '../images.ts';
import { networkFilesOf } from './network-files.ts';
import { type MountingByPlugin, withMounts } from './plugin-mounts.ts';
import { pause, type Stopping, unpause } from './stop.ts';
import { tellContainer } from './tell.ts';

export type Copying = Stopping & MountingByPlugin & Pick<Core, 'folders' | 'images' | 'volumes'>;

interface Rooted {
  readonly container: Container;
  readonly image: Image;
  /** As it was named, for messages. */
  readonly ref: string;
}

function rooted(core: Pick<Core, 'images' | 'model'>, ref: string): Rooted {
  const container = findContainer(core.model, ref);
  return { container, image: core.images.get(container.image), ref };
}

/** The files that the engine writes, where the container has been started and mounts nothing else there. */
function networkFiles(
  core: Pick<Core, 'folders' | 'model' | 'volumes'>,
  container: Container,
): readonly RootMount[] {
  const { hosts, hostname, resolvConf } = networkFilesOf(core, container);
  const files = { '/etc/hosts': hosts, '/etc/hostname': hostname, '/etc/resolv.conf': resolvConf };
  const readWrite = !container.hostConfig.ReadonlyRootfs;
  return Object.entries(files)
    .map(([destination, source]) => ({ source, destination, readWrite }))
    .filter(({ source }) => core.volumes.exists(source))
    .filter(({ destination }) => !container.mounts.some((mount) => mount.destination === destination));
}

/** A root as the container sees it: binds, volumes and the engine's files lie over its own. */
function openView(
  core: Pick<Core, 'folders' | 'model' | 'volumes'>,
  { container, ref }: Rooted,
  mounted: readonly MountPoint[],
): (root: string) => RootView {
  const mounts = [...mounted.filter(({ type }) => type !== 'tmpfs'), ...networkFiles(core, container)];
  const readOnly = container.hostConfig.ReadonlyRootfs;
  return (root) => ({ root, mounts, readOnly, container: ref });
}

/** With the root as the container sees it, which is mounted meanwhile. */
function withRootView<T>(core: Copying, one: Rooted, task: (view: RootView) => Promise<T>): Promise<T> {
  const { container, image } = one;
  return withMounts(core, container, (mounts) => {
    const see = openView(core, one, mounts);
    return core.images.withRoot(container.id, image, (root) => task(see(root)));
  });
}

export function pathStat(core: Copying, ref: string, path: string): Promise<PathStat> {
  return withRootView(core, rooted(core, ref), (view) => statPath(view, path));
}

export function readArchive(
  core: Copying,
  ref: string,
  path: string,
): Promise<{ readonly stat: PathStat; readonly archive: Readable }> {
  const one = rooted(core, ref);
  tellContainer(core, 'archive-path', one.container);
  return streamed<{ readonly stat: PathStat; readonly archive: Readable }>((leave) =>
    withRootView(core, one, async (view) => {
      const { stat, stream } = await packPath(view, path);
      await leave({ stat, archive: stream }, stream);
    }),
  );
}

export function exportRoot(core: Pick<Core, 'events' | 'images' | 'model'>, ref: string): Promise<Readable> {
  const one = rooted(core, ref);
  tellContainer(core, 'export', one.container);
  const { container, image } = one;
  return streamed<Readable>((leave) =>
    core.images.withRoot(container.id, image, (root) => {
      const stream = exportTree(root);
      return leave(stream, stream);
    }),
  );
}

/** Answer with a stream out of the root: `leave` answers, and resolves when the stream has been read. */
function streamed<T>(
  inRoot: (leave: (answer: T, stream: Readable) => Promise<void>) => Promise<void>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = async (answer: T, stream: Readable): Promise<void> => {
      const over = new Promise<void>((done) => finished(stream, () => done()));
      resolve(answer);
      await over;
    };
    inRoot(leave).catch(reject);
  });
}

export async function writeArchive(
  core: Copying,
  { ref, path }: { readonly ref: string; readonly path: string },
  archive: Readable,
  options: { readonly noOverwriteDirNonDir: boolean; readonly copyUIDGID: boolean },
): Promise<void> {
  const one = rooted(core, ref);
  const unpack = { ...options, user: one.container.config.User };
  await withRootView(core, one, (view) => unpackInto(view, path, archive, unpack));
  tellContainer(core, 'extract-to-dir', one.container);
}

export function rootChanges(
  core: Pick<Core, 'images' | 'model'>,
  ref: string,
): Promise<readonly FileChange[]> {
  const { container, image } = rooted(core, ref);
  return core.images.changes(container.id, image);
}

export function rootSize(
  core: Pick<Core, 'images' | 'model'>,
  ref: string,
): Promise<{ readonly rw: number; readonly rootFs: number }> {
  const { container, image } = rooted(core, ref);
  return core.images.rootSize(container.id, image);
}

export async function commit(
  core: Copying,
  ref: string,
  options: CommitOptions & { readonly pause: boolean },
): Promise<Image> {
  const { container } = rooted(core, ref);
  const pauses = options.pause && container.state.status === 'running';
  if (pauses) await pause(core, container.id);
  try {
    return await commitAsItIs(core, container.id, options);
  } finally {
    if (pauses) await goOn(core, container.id);
  }
}

/** Meanwhile it may have ended, or somebody else may have let it go on. */
async function goOn(core: Copying, id: string): Promise<void> {
  if (core.model.get('containers', id)?.state.status !== 'paused') return;
  try {
    await unpause(core, id);
  } catch (error) {
    core.logger.warn('letting a container go on after a commit', { container: id, error });
  }
}

async function commitAsItIs(
  core: Pick<Core, 'events' | 'images' | 'model'>,
  id: string,
  options: CommitOptions,
): Promise<Image> {
  const { container, image } = rooted(core, id);
  const { comment, reference } = options;
  const made = await core.images.commitRoot(id, image, options);
  if (reference !== '') tellImage(core, 'tag', made, familiarString(reference));
  tellContainer(core, 'commit', container, {
    comment,
    imageID: made.id,
    imageRef: reference && familiarString(reference),
  });
  return made;
}
