/** Shares the process's descriptors among sandboxes. */
import { readFileSync } from 'node:fs';

/** Limits the connections of one sandbox; `most` is the limit with enough descriptors. */
export type Share = (most: number) => number;

/** Part of all descriptors for connections of askers, and the same for connections to servers. */
const forConnections = 1 / 4;
/** The least share of a sandbox. */
const least = 4;

export const createShare =
  (descriptors: number, sandboxes: () => number): Share =>
  (most) =>
    Math.max(least, Math.min(most, Math.floor((descriptors * forConnections) / Math.max(1, sandboxes()))));

/** Limit of descriptors of this process (proc(5)). */
export function descriptorLimit(): number {
  const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return Number(found?.[1] ?? 1024);
}
