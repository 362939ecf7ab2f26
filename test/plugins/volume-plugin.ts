/** A volume driver of the tests: each volume is a folder, and knows who has mounted it. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Handlers, PluginServer } from './plugin-server.ts';

export interface PluginVolume {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  readonly mountpoint: string;
  /** IDs of the mounts that were not taken back. */
  readonly mounts: Set<string>;
}

export interface VolumePluginOptions {
  /** The socket. */
  readonly path: string;
  /** Volumes are made in it. */
  readonly folder: string;
  readonly scope?: 'local' | 'global';
  /** What it says where it has mounted a volume, whatever is true. */
  readonly lie?: string;
}

/** `state` is the plugin's own, and outlasts `stop` and `start`. */
export interface VolumePlugin {
  readonly server: PluginServer;
  readonly state: ReadonlyMap<string, PluginVolume>;
  /** Make one that the engine knows nothing of. */
  make(name: string): void;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function volumePlugin({ path, folder, scope = 'local', lie }: VolumePluginOptions): VolumePlugin {
  const state = new Map<string, PluginVolume>();
  const make = (name: string, options: Readonly<Record<string, string>> = {}): void => {
    if (state.has(name)) return;
    const mountpoint = join(folder, name);
    mkdirSync(mountpoint, { recursive: true });
    state.set(name, { name, options, mountpoint, mounts: new Set() });
  };
  const find = (name: unknown): PluginVolume => {
    const volume = state.get(text(name));
    if (!volume) throw new Error(`no volume ${text(name)} here`);
    return volume;
  };
  const handlers: Handlers = {
    'Plugin.Activate': () => ({ Implements: ['VolumeDriver'] }),
    'VolumeDriver.Capabilities': () => ({ Capabilities: { Scope: scope } }),
    'VolumeDriver.Create': ({ Name, Opts }) => {
      make(text(Name), (Opts ?? {}) as Record<string, string>);
      return {};
    },
    'VolumeDriver.Remove': ({ Name }) => {
      const { name, mountpoint, mounts } = find(Name);
      if (mounts.size > 0) throw new Error(`volume ${name} is mounted`);
      rmSync(mountpoint, { recursive: true, force: true });
      state.delete(name);
      return {};
    },
    'VolumeDriver.Mount': ({ Name, ID }) => {
      const { mounts, mountpoint } = find(Name);
      mounts.add(text(ID));
      return { Mountpoint: lie ?? mountpoint };
    },
    'VolumeDriver.Unmount': ({ Name, ID }) => {
      find(Name).mounts.delete(text(ID));
      return {};
    },
    'VolumeDriver.Path': ({ Name }) => ({ Mountpoint: mountpointOf(find(Name)) }),
    'VolumeDriver.Get': ({ Name }) => ({ Volume: shown(find(Name)) }),
    'VolumeDriver.List': () => ({ Volumes: Array.from(state.values(), shown) }),
  };
  return { server: new PluginServer(path, handlers), state, make };
}

const mountpointOf = ({ mounts, mountpoint }: PluginVolume): string => (mounts.size > 0 ? mountpoint : '');

const shown = (volume: PluginVolume) => ({
  Name: volume.name,
  Mountpoint: mountpointOf(volume),
  CreatedAt: '2024-05-06T07:08:09Z',
  Status: { mounts: volume.mounts.size, options: volume.options },
});
