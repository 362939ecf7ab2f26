/** A file that the engine and a container both write: only the engine's own lines change. */

/**
 * The text that follows from `current`, where the engine wrote `before` and would write `now` today. A file that
 * nobody else has changed is `now`; else lines that are no longer the engine's go, and new ones come last.
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

/** Those of the first that the second has not, each as often as it is there more often. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
