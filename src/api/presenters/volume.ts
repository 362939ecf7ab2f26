/** Volumes (Docker Engine API 1.50: Volume). */
import type { Volume } from '../../model/volume.ts';

const orNull = <T extends object>(value: T): T | null => (Object.keys(value).length > 0 ? value : null);

interface More {
  /** Counts for `system df`. */
  readonly usage?: { readonly refCount: number; readonly size: number };
  /** Status from its plugin. */
  readonly status?: Readonly<Record<string, unknown>>;
}

export function presentVolume(volume: Volume, { usage, status }: More = {}): object {
  return {
    CreatedAt: volume.created.replace(/\.[0-9]+Z$/, 'Z'),
    Driver: volume.driver,
    Labels: orNull(volume.labels),
    Mountpoint: volume.mountpoint,
    Name: volume.name,
    Options: orNull(volume.options),
    Scope: volume.scope ?? 'local',
    ...(status && { Status: status }),
    ...(usage && { UsageData: { RefCount: usage.refCount, Size: usage.size } }),
  };
}
