/** Shortened texts. */

/** Ids without `sha256:`, their first twelve digits. */
export function shortId(id: string): string {
  return id.slice(id.indexOf(':') + 1).slice(0, 12);
}

/** At most that many characters, the last an ellipsis. */
export function ellipsis(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, Math.max(0, length - 1)).join('')}…`;
}

/** Names in the order of people: `net2` before `net10`. */
export function naturalOrder(a: string, b: string): number {
  const [partsA, partsB] = [a, b].map((name) => name.match(/\d+|\D/g) ?? []);
  for (const [at, part] of (partsA ?? []).entries()) {
    const other = partsB?.[at];
    if (other === undefined) return 1;
    if (part === other) continue;
    const bothNumbers = /^\d/.test(part) && /^\d/.test(other);
    const difference = bothNumbers ? Number(part) - Number(other) || part.length - other.length : 0;
    return difference !== 0 ? difference : part < other ? -1 : 1;
  }
  return (partsA?.length ?? 0) - (partsB?.length ?? 0);
}

/** Labels as lists show them: `a=1,b=2`, sorted. */
export function shownLabels(labels: Readonly<Record<string, string>> | null): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}
