/** Finds running containers of an engine with given roots, without its records. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Pids of monitors by container id, from command lines (`conmon --cid ID --bundle EXEC/... --log-path DATA/...`). */
export function monitorsBelow(roots: readonly string[]): ReadonlyMap<string, number> {
  const folders = roots.flatMap((root) => [`${root}/`, `${realOf(root)}/`]);
  const found = new Map<string, number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const words = commandLineOf(pid);
    const id = words[words.indexOf('--cid') + 1];
    const isConmon =
      /(?:^|\/)conmon$/.test(words[0] ?? '') && words.includes('--cid') && !words.includes('--exec');
    if (isConmon && id && words.some((word) => folders.some((folder) => word.includes(folder))))
      found.set(id, Number(pid));
  }
  return found;
}

/** Ids of running containers. */
export const runningBelow = (roots: readonly string[]): readonly string[] => [...monitorsBelow(roots).keys()];

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function commandLineOf(pid: string): readonly string[] {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').split('\0');
  } catch {
    // it has ended
    return [];
  }
}
