/**
 * The pages of Node's executable. Start-up maps some 40 MB of them that are not used again, and each process counts
 * them as resident. Dropped from the page tables they stay in the page cache, which the kernel may reclaim; pages in
 * use return by minor faults, 16 at a time.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { adviseUnneeded } from './libc.ts';

/** Where a mapping begins, and its length in bytes. */
export interface PageRange {
  readonly start: number;
  readonly length: number;
}

/**
 * The read-only mappings of `program` in the text of smaps (proc_pid_smaps(5)). Dropping a written page would lose
 * it, so writable mappings and those with anonymous pages are left out.
 */
export function readOnlyRanges(smaps: string, program: string): readonly PageRange[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((mapping) => {
    const [, from, to, rights, path] =
      /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/m.exec(mapping) ?? [];
    if (from === undefined || to === undefined || path !== program) return [];
    if (!/^r-[x-]p$/.test(rights ?? '') || !/^Anonymous: +0 kB$/m.test(mapping)) return [];
    const start = Number.parseInt(from, 16);
    return [{ start, length: Number.parseInt(to, 16) - start }];
  });
}

/** Returns the function that drops the program's pages; it needs no privileges and opens nothing. */
export function createPageDropper(): () => void {
  const ranges = readOnlyRanges(readFileSync('/proc/self/smaps', 'latin1'), realpathSync(process.execPath));
  return () => {
    for (const { start, length } of ranges) adviseUnneeded(start, length);
  };
}
