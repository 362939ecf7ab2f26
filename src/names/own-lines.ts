/** Files that both the engine and a container write: the engine changes only its own lines. */

/**
 * The new text of a file that the engine last wrote as `before` and would now write as `now`. A file that nobody
 * changed becomes `now`; in any other the engine's old lines are removed and its new ones appended.
 */
export function withOwnLines(current: string, { before, now }: Readonly<Record<'before' | 'now', string>>) {
  if (current === before) return now;
  const lines = linesOf(current);
  for (const line of without(linesOf(before), linesOf(now))) {
    const at = lines.indexOf(line);
    if (at >= 0) lines.splice(at, 1);
  }
  return [...lines, ...without(linesOf(now), linesOf(before))].map((line) => `${line}\n`).join('');
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Multiset difference: the lines of the first list less those of the second. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
