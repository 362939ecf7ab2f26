/** Volumes of the local driver: folders that outlive containers. */
import { lookup } from 'node:dns/promises';
import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { fail, messageOf } from '../errors.ts';
import type { ImageRecords } from '../images/images.ts';
import type { Mounting } from '../images/overlay-mount.ts';
import { ensureFolder, modes } from '../kernel/files/ensure-folder.ts';
import { removeTree } from '../kernel/files/remove-tree.ts';
import { bytesIn } from '../kernel/files/walk-tree.ts';
import type { Volume } from '../model/volume.ts';
import { copyUp } from './copy-up.ts';
import { bindFlag, checkName, mountOf, type VolumeMount } from './options.ts';

export interface Volumes {
  /** Makes the folder and its record; returns an existing volume unchanged. Throws VOLUME_INVALID. */
  create(request: Omit<Volume, 'created' | 'mountpoint'>): Promise<Volume>;
  /**
   * Removes the volume and its files; a missing one is no error. `check` is called when no other change of the volume
   * is under way; the volume stays if it throws.
   */
  remove(name: string, check?: () => void): Promise<void>;
  /** The folder of its files. */
  path(name: string): string;
  /** Bytes of its files. */
  size(name: string): Promise<number>;
  /**
   * A container starts to use it: its options' mount is made and, if it is empty, it is filled with the image's files
   * at the destination.
   */
  use(name: string, containerId: string, fill: Fill | undefined): Promise<void>;
  /** Fills a folder of another driver, if it is empty, with the image's files at the destination. */
  fill(path: string, fill: Fill): Promise<void>;
  /** The container stops using it; the last user's end unmounts it. */
  letGo(name: string, containerId: string): Promise<void>;
  /** Unmounts what is unused; for a restart, after all users were reported by `use`. */
  sweep(): Promise<void>;
}

export interface Fill {
  readonly rootfs: string;
  readonly destination: string;
}

export interface VolumesOptions {
  /** The engine's data root; `volumes` is made in it. */
  readonly root: string;
  readonly records: ImageRecords;
  readonly kernel: Mounting;
  /** One change of a volume at a time. */
  readonly queue: { run<T>(key: string, task: () => Promise<T>): Promise<T> };
  /** RFC 3339, UTC. */
  readonly now: () => string;
}

export function openVolumes(options: VolumesOptions): Volumes {
  ensureFolder(options.root, modes.closed);
  const folder = join(realpathSync(options.root), 'volumes');
  ensureFolder(folder, modes.passage);
  return new LocalVolumes(folder, options);
}

class LocalVolumes implements Volumes {
  readonly #folder: string;
  readonly #options: VolumesOptions;
  readonly #users = new Map<string, Set<string>>();

  constructor(folder: string, options: VolumesOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  path(name: string): string {
    return join(this.#folder, name, '_data');
  }

  async create(request: Omit<Volume, 'created' | 'mountpoint'>): Promise<Volume> {
    checkName(request.name);
    if (request.driver !== 'local') throw fail('VOLUME_DRIVER_NOT_FOUND', request.name, request.driver);
    // what no use could mount is refused now
    mountOf(request.name, request.options);
    return this.#inTurn(request.name, () => this.#create(request));
  }

  #inTurn<T>(name: string, task: () => Promise<T>): Promise<T> {
    return this.#options.queue.run(`volume:${name}`, task);
  }

  async #create(request: Omit<Volume, 'created' | 'mountpoint'>): Promise<Volume> {
    const { records, now } = this.#options;
    const made: Volume = { ...request, created: now(), mountpoint: this.path(request.name) };
    // the record first: nothing would find a folder without one
    const { volume } = await records.transact((view) => {
      const known = view.get('volumes', request.name);
      return known
        ? { volume: known, changes: [] }
        : { volume: made, changes: [{ table: 'volumes', put: made }] };
    });
    if (volume !== made) return volume;
    try {
      await this.#makeFolders(request.name);
    } catch (thrown) {
      await records.keep(() => [{ table: 'volumes', remove: request.name }]);
      throw thrown;
    }
    return volume;
  }

  async remove(name: string, check: () => void = () => undefined): Promise<void> {
    checkName(name);
    await this.#inTurn(name, async () => {
      check();
      await this.#remove(name);
    });
  }

  async #remove(name: string): Promise<void> {
    this.#options.kernel.unmount(this.path(name));
    // never remove files of a foreign mount
    if (this.#options.kernel.listMounts(this.path(name)).length > 0)
      throw fail('VOLUME_INVALID', `remove ${name}: something is mounted in it`);
    this.#users.delete(name);
    // the record last: files without one would reappear in the next volume of that name
    await removeTree(join(this.#folder, name));
    await this.#options.records.keep((view) =>
      view.get('volumes', name) ? [{ table: 'volumes', remove: name }] : [],
    );
  }

  async #makeFolders(name: string): Promise<void> {
    await mkdir(join(this.#folder, name), { recursive: true, mode: modes.passage });
    await mkdir(this.path(name), { recursive: true, mode: 0o755 });
  }

  async size(name: string): Promise<number> {
    return bytesIn(this.path(name));
  }

  use(name: string, containerId: string, fill: Fill | undefined): Promise<void> {
    return this.#inTurn(name, () => this.#use(name, containerId, fill));
  }

  async #use(name: string, containerId: string, fill: Fill | undefined): Promise<void> {
    const volume = this.#options.records.view.get('volumes', name);
    if (!volume) throw fail('VOLUME_NOT_FOUND', name);
    await this.#makeFolders(name);
    const mount = mountOf(name, volume.options);
    if (mount) await this.#mount(name, mount);
    this.#users.set(name, (this.#users.get(name) ?? new Set()).add(containerId));
    if (fill) await copyUp(fill, this.path(name));
  }

  fill(path: string, fill: Fill): Promise<void> {
    return copyUp(fill, path);
  }

  async #mount(name: string, mount: VolumeMount): Promise<void> {
    const target = this.path(name);
    const data = await withAddress(mount);
    if (this.#options.kernel.listMounts(target).includes(target)) return;
    try {
      const { device: source, type, flags } = mount;
      const spec = { source, target, type, flags, data };
      if (isLocal(mount)) this.#options.kernel.mount(spec);
      else await this.#options.kernel.mountOffLoop(spec);
    } catch (thrown) {
      throw fail('RUNTIME_FAILED', `failed to mount local volume ${name}`, messageOf(thrown));
    }
  }

  async letGo(name: string, containerId: string): Promise<void> {
    const users = this.#users.get(name);
    users?.delete(containerId);
    if (users && users.size > 0) return;
    this.#users.delete(name);
    this.#options.kernel.unmount(this.path(name));
  }

  async sweep(): Promise<void> {
    for (const target of this.#options.kernel.listMounts(this.#folder)) {
      const name = target.slice(this.#folder.length + 1).split('/')[0] ?? '';
      if (!this.#users.has(name)) this.#options.kernel.unmount(target);
    }
  }
}

/** Mounted in no time; any other file system may have to wait for a server or a disk. */
const isLocal = ({ type, flags }: VolumeMount): boolean => type === 'tmpfs' || (flags & bindFlag) !== 0;

/** The kernel needs the IP address of an NFS server. Resolves the name in `addr=`. */
async function withAddress(mount: VolumeMount): Promise<string> {
  const host = /(?:^|,)addr=([^,]+)/.exec(mount.data)?.[1];
  if (host === undefined || !mount.type.startsWith('nfs') || isIP(host)) return mount.data;
  const { address } = await lookup(host).catch((thrown: unknown) => {
    throw fail(
      'RUNTIME_FAILED',
      `error resolving passed in network volume address ${host}`,
      messageOf(thrown),
    );
  });
  return mount.data.replace(/(^|,)addr=[^,]+/, `$1addr=${address}`);
}
