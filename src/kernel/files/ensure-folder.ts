/** Folders of the engine and their modes. */
import { chmodSync, mkdirSync, statSync } from 'node:fs';

/** As dockerd's: files of containers and images are open only to root, whatever the modes inside. */
export const modes = {
  /** Others may neither list nor enter it. */
  closed: 0o710,
  /** Others may enter it but not list it. */
  passage: 0o701,
  /** Nothing in it is open to others. */
  through: 0o711,
} as const;

export function ensureFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  // it may have been made by an older version or with another umask
  if ((statSync(path).mode & 0o7777) !== mode) chmodSync(path, mode);
}
