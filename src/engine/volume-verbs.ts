/** What can be asked of volumes. */
import type { Volume } from '../model/volume.ts';

export interface VolumeDraft {
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export interface VolumeVerbs {
  /** `usedBy` are ids of containers. */
  list(): readonly { readonly volume: Volume; readonly usedBy: readonly string[] }[];
  get(name: string): { readonly volume: Volume; readonly usedBy: readonly string[] };
  create(draft: VolumeDraft): Promise<Volume>;
  remove(name: string, options: { readonly force: boolean }): Promise<void>;
  size(name: string): Promise<number>;
  /** Unused ones that match; only anonymous ones unless `all`. */
  prune(
    matches: (volume: Volume) => boolean,
    options: { readonly all: boolean },
  ): Promise<{ readonly removed: readonly string[]; readonly bytes: number }>;
}
