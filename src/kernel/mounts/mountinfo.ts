/** /proc/self/mountinfo (proc_pid_mountinfo(5)). Parsing is pure. */
import { readFileSync } from 'node:fs';

export interface Mounted {
  /** Path within the mounted file system: `/`, or `net:[4026532281]` for a namespace. */
  readonly root: string;
  readonly target: string;
  /** File system type: `overlay`, `nsfs`. */
  readonly type: string;
}

export function readMounts(): readonly Mounted[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** In the kernel's order: a mount comes after the one that it covers. */
export function parseMountinfo(text: string): readonly Mounted[] {
  return text.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root, target] = left.split(' ');
    const [type] = right.split(' ');
    if (root === undefined || target === undefined || type === undefined) return [];
    return [{ root: unescapeOctal(root), target: unescapeOctal(target), type }];
  });
}

/** Whether the path is the folder or lies in it. */
export function isBelow(path: string, folder: string): boolean {
  const base = folder.replace(/\/+$/, '');
  return path === base || path.startsWith(`${base}/`) || base === '';
}

/** Space, tab, newline and backslash are written as `\040` and so on; other bytes as they are. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
