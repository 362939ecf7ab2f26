/** What can be asked of volumes. */
import type { Volume } from '../model/volume.ts';

export interface VolumeRequest {
  readonly name: string;
  /** '' for whichever has it, else the engine's own. */
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export interface UsedVolume {
  readonly volume: Volume;
  /** Ids of containers. */
  readonly usedBy: readonly string[];
}

export interface VolumeVerbs {
  /** Of all drivers. `warnings` tell of plugins that did not answer: their volumes are listed as they were. */
  list(): Promise<{ readonly volumes: readonly UsedVolume[]; readonly warnings: readonly string[] }>;
  /** Those of the engine's own driver, without options by which something is mounted. */
  own(): readonly UsedVolume[];
  /** `status` is what a plugin says of it. */
  get(name: string): Promise<UsedVolume & { readonly status?: Readonly<Record<string, unknown>> }>;
  create(request: VolumeRequest): Promise<Volume>;
  remove(name: string, options: { readonly force: boolean }): Promise<void>;
  /** Bytes of one of the engine's own. */
  size(name: string): Promise<number>;
  /** Unused ones that match; only anonymous ones unless `all`. */
  prune(
    matches: (volume: Volume) => boolean,
    options: { readonly all: boolean },
  ): Promise<{ readonly removed: readonly string[]; readonly bytes: number }>;
}
