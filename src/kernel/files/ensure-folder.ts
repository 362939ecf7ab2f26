/** Folders of the engine, with the mode that they are to have also where they are there already. */
import { chmodSync, mkdirSync, statSync } from 'node:fs';

/** As dockerd's: what containers and images hold is open to root alone, whatever the modes inside say. */
export const modes = {
  /** Others may neither list it nor go through it. */
  closed: 0o710,
  /** Others may go through it to a name that they know. */
  passage: 0o701,
  /** Nothing in it is open to others. */
  through: 0o711,
} as const;

export function ensureFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  // made by an older version, or with another umask
  if ((statSync(path).mode & 0o7777) !== mode) chmodSync(path, mode);
}
