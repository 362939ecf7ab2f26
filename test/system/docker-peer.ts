/**
 * Real Docker in its own world, to compare with: the dockerd that set-up has unpacked from a Debian suite
 * (scripts/docker-peer.sh; SEAWAY_DOCKER_PEER names another suite than trixie), which brings up a containerd. Data and the places of containerd that no flag moves lie on tmpfs in a mount
 * namespace of its own, so that nothing but processes could be left of it.
 *
 *     const missing = missingDockerd();
 *     describe.skipIf(missing !== undefined)(`beside Docker${missing ? ` (skipped: ${missing})` : ''}`, () => {
 *       const peer = openDockerPeer();
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { busyboxRoot } from '../../src/images/busybox.ts';
import type { Rig } from '../kernel/rig.ts';
import { EngineHost, openEngineHost, projectFolder } from './engine-host.ts';
import { leftovers } from './leftovers.ts';

const suite = process.env.SEAWAY_DOCKER_PEER ?? 'trixie';
const unpacked = join(projectFolder, '.cache/docker-peer', suite);

const searched = [
  ...['usr/sbin', 'usr/bin'].map((folder) => join(unpacked, folder)),
  ...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
  ...['/usr/sbin', '/sbin'],
];

const find = (program: string): string | undefined =>
  searched.map((folder) => join(folder, program)).find((path) => existsSync(path));

/** Why there is no Docker to compare with; undefined where there is one. */
export const missingDockerd = (): string | undefined => {
  if (!existsSync(join(unpacked, '.complete'))) return `Docker of Debian's ${suite} is not unpacked`;
  return find('runc') === undefined ? 'runc is not installed' : undefined;
};

/** Major version of the Docker that is compared with; 0 where there is none. */
export const peerMajor = ((): number => {
  if (missingDockerd() !== undefined) return 0;
  const said = spawnSync(join(unpacked, 'usr/sbin/dockerd'), ['--version'], { encoding: 'utf8' }).stdout;
  return Number(/version (\d+)\./.exec(said)?.[1] ?? 0);
})();

/** Seaway follows this version of Docker (API 1.50). */
const followed = 28;

/** Beside which Dockers something differs: those older than the one that is followed, or that one alone. */
export type Beside = 'older' | 'followed';

/** Whether a difference is to be expected beside the Docker that is there; beside any where none is named. */
export const isExpected = ({ beside }: { readonly beside?: Beside }): boolean =>
  beside === undefined || (beside === 'older') === peerMajor < followed;

/** The newest version of the API that both speak. */
export const peerApi = peerMajor === 0 || peerMajor >= followed ? '1.50' : '1.45';

export interface DockerPeerOptions {
  /** Further arguments of dockerd. */
  readonly flags?: readonly string[];
  /** Not started before the tests: they do it. */
  readonly idle?: boolean;
  readonly hostname?: string;
  /** Added to its environment: what it takes no flag for. */
  readonly env?: NodeJS.ProcessEnv;
  /** It has its data again when it is started again. */
  readonly keepsData?: boolean;
}

/** Make the world, and register its beginning, with busybox as its only image, and its end. */
export const openDockerPeer = (options: DockerPeerOptions = {}): DockerPeer => {
  const { idle = false, hostname } = options;
  const peer = openEngineHost((rig) => new DockerPeer(rig, options), { idle });
  peer.hostname = hostname;
  return peer;
};

/** In a mount namespace where nothing that is mounted reaches the machine, and mounts can be shared. */
const inOwnMounts = `
  set -e
  mount --make-rshared /
  data=$1; plugins=$2; shift 2
  mkdir -p "$plugins" /etc/docker/plugins; mount --bind "$plugins" /etc/docker/plugins
  for folder in $data /run/containerd /run/docker; do mkdir -p "$folder"; mount -t tmpfs tmpfs "$folder"; done
  exec "$@"
`;

export class DockerPeer extends EngineHost {
  readonly #options: DockerPeerOptions;

  constructor(rig: Rig, options: DockerPeerOptions) {
    // it asks no registry: what it would wait for is refused at once
    const proxy = options.keepsData ? { HTTPS_PROXY: 'http://127.0.0.1:9' } : {};
    super(rig, { PATH: searched.join(delimiter), ...proxy, ...options.env });
    this.#options = options;
  }

  /** Its /etc/docker/plugins: other engines on this machine do not find what is in it. */
  get pluginFolder(): string {
    return join(this.folder, 'plugins');
  }

  protected command(flags: readonly string[]): readonly string[] {
    return [
      ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c', inOwnMounts, 'sh'],
      ...[
        this.#options.keepsData ? '' : join(this.folder, 'data'),
        this.pluginFolder,
        find('dockerd') ?? 'dockerd',
      ],
      // not the machine's /etc/docker/daemon.json
      ...['--config-file', join(this.folder, 'daemon.json')],
      ...this.arguments([...(this.#options.flags ?? []), ...flags]),
    ];
  }

  override async start(flags: readonly string[] = []): Promise<void> {
    await writeFile(join(this.folder, 'daemon.json'), '{}');
    await super.start(flags);
    await this.#importBusybox();
  }

  /** What Docker leaves behind (its cgroups' parent) is not ours to judge: all of it is removed. */
  override async close(): Promise<void> {
    try {
      await this.removeContainers();
      if (this.isRunning) await this.stop();
    } finally {
      this.purge();
    }
    const left = leftovers(this.signs);
    if (left.length > 0) throw new Error(`of dockerd there is still:\n${left.join('\n')}`);
  }

  /** The very image that seawayd has built in. */
  async #importBusybox(): Promise<void> {
    const change = encodeURIComponent('CMD ["sh"]');
    const path = `/images/create?fromSrc=-&repo=busybox&tag=latest&changes=${change}`;
    const { text } = await this.api('POST', path, {
      body: await buffer(await busyboxRoot()),
      headers: { 'content-type': 'application/x-tar' },
    });
    if (!text.includes('sha256:')) throw new Error(`dockerd does not take the busybox image: ${text}`);
  }
}
