/** Files of a container: `cp`, `diff`, `export`. */
import { existsSync } from 'node:fs';
import { finished, type Readable } from 'node:stream';
import { SeawayError } from '../../errors.ts';
import { exportRoot, packPath, statPath, unpackInto } from '../../images/archive.ts';
import type { FileChange } from '../../images/images.ts';
import type { PathStat } from '../../images/path-stat.ts';
import type { RootMount, RootView } from '../../images/root-tree.ts';
import { hostPaths } from '../../kernel/files/host-paths.ts';
import type { Container, MountPoint } from '../../model/container.ts';
import type { Image } from '../../model/image.ts';
import { findContainer } from '../../model/references.ts';
import type { ContainerVerbs } from '../container-verbs.ts';
import type { Core } from '../core.ts';
import { emitContainer } from './container-events.ts';
import { networkFilesOf } from './network-files.ts';
import { type MountingByPlugin, withMounts } from './plugin-mounts.ts';

type Needs = MountingByPlugin & Pick<Core, 'events' | 'folders' | 'images' | 'model'>;
type Archive = Awaited<ReturnType<ContainerVerbs['readArchive']>>;

interface Rooted {
  readonly container: Container;
  readonly image: Image;
  /** The reference in the request, for messages. */
  readonly ref: string;
}

export class ContainerFiles
  implements Pick<ContainerVerbs, 'statPath' | 'readArchive' | 'writeArchive' | 'export' | 'changes' | 'size'>
{
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  statPath(ref: string, path: string): Promise<PathStat> {
    return this.#withView(this.#find(ref), (view) => statPath(view, path));
  }

  async readArchive(ref: string, path: string): Promise<Archive> {
    const one = this.#find(ref);
    emitContainer(this.#needs, 'archive-path', one.container);
    return streamed<Archive>((leave) =>
      this.#withView(one, async (view) => {
        const { stat, stream } = await packPath(view, path);
        await leave({ stat, archive: stream }, stream);
      }),
    );
  }

  async writeArchive(
    ref: string,
    path: string,
    archive: Readable,
    options: { readonly noOverwriteDirNonDir: boolean; readonly copyUIDGID: boolean },
  ): Promise<void> {
    const one = this.#find(ref);
    const unpack = { ...options, user: one.container.config.User };
    await this.#withView(one, (view) => unpackInto(view, path, archive, unpack));
    emitContainer(this.#needs, 'extract-to-dir', one.container);
  }

  async export(ref: string): Promise<Readable> {
    const { container, image } = this.#find(ref);
    emitContainer(this.#needs, 'export', container);
    return streamed<Readable>((leave) =>
      this.#needs.images.withRoot(container.id, image, (root) => {
        const stream = exportRoot(root);
        return leave(stream, stream);
      }),
    );
  }

  async changes(ref: string): Promise<readonly FileChange[]> {
    const { container, image } = this.#find(ref);
    return this.#needs.images.changes(container.id, image);
  }

  async size(ref: string): Promise<{ readonly rw: number; readonly rootFs: number }> {
    const { container, image } = this.#find(ref);
    return this.#needs.images.rootSize(container.id, image);
  }

  #find(ref: string): Rooted {
    const container = findContainer(this.#needs.model, ref);
    return { container, image: this.#needs.images.get(container.image), ref };
  }

  /** Runs a task on the mounted root as the container sees it. */
  #withView<T>(one: Rooted, task: (view: RootView) => Promise<T>): Promise<T> {
    const { container, image } = one;
    return withMounts(this.#needs, container, async (mounts) => {
      await askSources(mounts);
      const view = this.#viewOf(one, mounts);
      return this.#needs.images.withRoot(container.id, image, (root) => task({ ...view, root }));
    });
  }

  /** Binds, volumes and the engine's files cover the root's own. */
  #viewOf({ container, ref }: Rooted, mounted: readonly MountPoint[]): Omit<RootView, 'root'> {
    const mounts = [...mounted.filter(({ type }) => type !== 'tmpfs'), ...this.#networkFiles(container)];
    return { mounts, readOnly: container.hostConfig.ReadonlyRootfs, container: ref };
  }

  /** The engine's files, if the container was started and mounts nothing else there. */
  #networkFiles(container: Container): readonly RootMount[] {
    const { hosts, hostname, resolvConf } = networkFilesOf(this.#needs, container);
    const files = { '/etc/hosts': hosts, '/etc/hostname': hostname, '/etc/resolv.conf': resolvConf };
    const readWrite = !container.hostConfig.ReadonlyRootfs;
    return Object.entries(files)
      .map(([destination, source]) => ({ source, destination, readWrite }))
      .filter(({ source }) => existsSync(source))
      .filter(({ destination }) => !container.mounts.some((mount) => mount.destination === destination));
  }
}

/**
 * Throws HOST_PATH_SILENT for a source on a dead mount: a path in the container is resolved by calls that would block
 * the engine there.
 */
async function askSources(mounts: readonly MountPoint[]): Promise<void> {
  for (const { type, source } of mounts)
    if (type !== 'tmpfs')
      await hostPaths.exists(source).catch((thrown: unknown) => {
        if (thrown instanceof SeawayError) throw thrown;
      });
}

/** Resolves with a stream from the root: `leave` passes the answer on, and resolves when the stream was read. */
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
