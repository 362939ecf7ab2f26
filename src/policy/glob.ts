/** Patterns of names with `*` and `?`. */

/** Takes at most the product of both lengths. */
export function matchesGlob(pattern: string, name: string): boolean {
  let [at, star, mark] = [0, -1, 0];
  for (let i = 0; i < name.length; ) {
    if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[i]) && pattern[at] !== '*') {
      at += 1;
      i += 1;
    } else if (pattern[at] === '*') {
      star = at++;
      mark = i;
    } else if (star >= 0) {
      at = star + 1;
      i = ++mark;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** `*.example.org` is every name below `example.org`, but not that itself. Both in lower case, without a final dot. */
export const matchesDomain = (pattern: string, name: string): boolean =>
  pattern.startsWith('*.')
    ? name.length > pattern.length - 1 && name.endsWith(pattern.slice(1))
    : name === pattern;
