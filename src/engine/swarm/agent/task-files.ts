/** Secrets and configs of tasks: in memory alone, on a tmpfs for each container, and gone with its run. */
import { readdirSync } from 'node:fs';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { ensureFolder, modes } from '../../../kernel/files/ensure-folder.ts';
import { removeOwnFolder } from '../../../kernel/files/own-folder.ts';
import type { AssignedFile, Assignments } from '../../../swarm/assignments.ts';
import type { SwarmTask } from '../../../swarm/records.ts';
import type { FileTarget } from '../../../swarm/spec.ts';
import type { Core } from '../../core.ts';
import { mountList, type TaskMount, taskFolder, taskFolders } from '../task-mounts.ts';

/** MS_NOSUID, MS_NODEV and MS_NOEXEC of mount(2). */
const flags = 2 | 4 | 8;

export type KeepingFiles = Pick<Core, 'config' | 'kernel' | 'logger'>;

interface Wanted {
  readonly kind: 'secret' | 'config';
  readonly name: string;
  readonly id: string;
  readonly file: FileTarget;
}

export class TaskFiles {
  readonly #core: KeepingFiles;
  #secrets: ReadonlyMap<string, AssignedFile> = new Map();
  #configs: ReadonlyMap<string, AssignedFile> = new Map();

  constructor(core: KeepingFiles) {
    this.#core = core;
  }

  /** What tasks may have from now on. */
  given({ secrets, configs }: Pick<Assignments, 'secrets' | 'configs'>): void {
    this.#secrets = new Map(secrets.map((one) => [one.id, one]));
    this.#configs = new Map(configs.map((one) => [one.id, one]));
  }

  /** Throws where one of them was not given to this node. */
  async put(containerId: string, task: SwarmTask): Promise<void> {
    const wanted = wantedBy(task);
    if (wanted.length === 0) return;
    const found = wanted.map((one) => ({ ...one, data: this.#dataOf(one) }));
    const folder = this.#mounted(containerId);
    const mounts: TaskMount[] = [];
    for (const [index, { kind, file, data }] of found.entries()) {
      const source = join(folder, String(index));
      await writeFile(source, data, { mode: 0o600 });
      await chown(source, Number(file.UID) || 0, Number(file.GID) || 0);
      await chmod(source, file.Mode & 0o7777);
      mounts.push({ source, target: targetOf(kind, file) });
    }
    await writeFile(join(folder, mountList), JSON.stringify(mounts), { mode: 0o600 });
  }

  async drop(containerId: string): Promise<void> {
    const folder = taskFolder(this.#core.config.execRoot, containerId);
    this.#core.kernel.unmount(folder);
    removeOwnFolder(folder);
  }

  /** Drops what containers have left that do not run. */
  async sweep(runs: (containerId: string) => boolean): Promise<void> {
    const { execRoot } = this.#core.config;
    await mkdir(taskFolders(execRoot), { recursive: true, mode: modes.closed });
    for (const id of readdirSync(taskFolders(execRoot)))
      if (!runs(id))
        await this.drop(id).catch((error) =>
          this.#core.logger.warn('the files of a task are left', { container: id, error }),
        );
  }

  #dataOf({ kind, id, name }: Wanted): Buffer {
    const found = (kind === 'secret' ? this.#secrets : this.#configs).get(id);
    if (!found) throw new Error(`${kind} ${name} was not given to this node`);
    return Buffer.from(found.data, 'base64');
  }

  /** A fresh tmpfs, which is not swapped out where the kernel can do without (Linux 6.4). */
  #mounted(containerId: string): string {
    const { config, kernel } = this.#core;
    const target = taskFolder(config.execRoot, containerId);
    kernel.unmount(target);
    ensureFolder(taskFolders(config.execRoot), modes.closed);
    ensureFolder(target, modes.closed);
    const spec = { source: 'tmpfs', target, type: 'tmpfs', flags };
    try {
      kernel.mount({ ...spec, data: 'mode=0700,noswap' });
    } catch {
      kernel.mount({ ...spec, data: 'mode=0700' });
    }
    return target;
  }
}

const wantedBy = ({ spec: { ContainerSpec: { Secrets = [], Configs = [] } = {} } }: SwarmTask) => [
  ...Secrets.flatMap(({ File, SecretID: id, SecretName: name }): Wanted[] =>
    File ? [{ kind: 'secret', id, name, file: File }] : [],
  ),
  ...Configs.flatMap(({ File, ConfigID: id, ConfigName: name }): Wanted[] =>
    File ? [{ kind: 'config', id, name, file: File }] : [],
  ),
];

/** Docker's places for names without a folder. */
function targetOf(kind: Wanted['kind'], { Name }: FileTarget): string {
  if (isAbsolute(Name)) return Name;
  return kind === 'secret' ? join('/run/secrets', Name) : join('/', Name);
}
