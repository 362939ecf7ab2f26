/** Which volume a mount stands for: the one of that name, or the one that will be made. */
import type { MountPoint } from './container.ts';
import type { View } from './tables.ts';
import { localDriver } from './volume.ts';

export type MountedVolume = Pick<MountPoint, 'name' | 'driver' | 'source'>;

/** `asked.driver` is '' for any. */
export function volumeOfMount(
  view: Pick<View, 'get'>,
  { name, driver: asked }: { readonly name: string; readonly driver: string },
  { volumePath }: { readonly volumePath: (name: string) => string },
): MountedVolume {
  const known = view.get('volumes', name);
  const driver = known?.driver ?? (asked || localDriver);
  // where a plugin has it is known when it is mounted
  const made = driver === localDriver ? volumePath(name) : '';
  return { name, driver, source: known?.mountpoint ?? made };
}

/** Docker relabels its own volumes. */
export const ownMode = ({ driver }: MountedVolume): string => (driver === localDriver ? 'z' : '');

export const volumeMount = (
  volume: MountedVolume,
  some: Pick<MountPoint, 'destination' | 'mode' | 'readWrite'>,
): MountPoint => ({
  ...volume,
  ...some,
  type: 'volume',
  propagation: '',
  options: '',
  nonRecursive: false,
  copyUp: true,
});
