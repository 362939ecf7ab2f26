/** /proc/PID/mountinfo (proc(5)): `36 35 98:0 /root /target options shared:1 master:2 - type source super`. */

export interface MountAround {
  readonly target: string;
  readonly isShared: boolean;
  readonly isSlave: boolean;
}

/** Blanks, tabs, newlines and backslashes are escaped as three octal digits. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** The mount of a path: the longest target above it; of several on one target the last. */
export function mountAround(path: string, mountinfo: string): MountAround | undefined {
  let found: MountAround | undefined;
  for (const line of mountinfo.split('\n')) {
    const [left = ''] = line.split(' - ');
    const [, , , , escaped, , ...tags] = left.split(' ');
    if (escaped === undefined) continue;
    const target = unescaped(escaped);
    const isAbove = target === '/' || path === target || path.startsWith(`${target}/`);
    if (!isAbove || (found && found.target.length > target.length)) continue;
    found = {
      target,
      isShared: tags.some((tag) => tag.startsWith('shared:')),
      isSlave: tags.some((tag) => tag.startsWith('master:')),
    };
  }
  return found;
}
