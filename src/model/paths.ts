/** Absolute paths as text. */

/** Without `.`, `..`, doubled and trailing slashes, as Go's filepath.Clean has it; `..` stops at the root. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
