/** Descriptors are the process's: each sandbox has its share of them, so that none is left without. */
import { readFileSync } from 'node:fs';

/** How many connections one sandbox may have, of at most so many. */
export type Share = (most: number) => number;

/** Part of all descriptors that connections may take: half for askers, half for servers. */
const forConnections = 1 / 4;
/** A sandbox has these in any case. */
const least = 4;

export const createShare =
  (descriptors: number, sandboxes: () => number): Share =>
  (most) =>
    Math.max(least, Math.min(most, Math.floor((descriptors * forConnections) / Math.max(1, sandboxes()))));

/** Descriptors that this process may have (proc(5)). */
export function descriptorLimit(): number {
  const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return Number(found?.[1] ?? 1024);
}
