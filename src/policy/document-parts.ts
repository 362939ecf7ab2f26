/** Parts of a parsed YAML document, with the line of each. */
import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { fail } from '../errors.ts';
import { Unreadable } from './read-remote.ts';

/** Finds lines of a document, counted from 1. */
export interface Place {
  lineOf(offset: number): number;
}

/** A node and where it is. */
export interface Part {
  readonly node: Node | null;
  readonly line: number;
}

/** Throws POLICY_DOCUMENT. */
export function complain({ line }: Pick<Part, 'line'>, why: string): never {
  throw fail('POLICY_DOCUMENT', line, why);
}

export function partOf(place: Place, node: unknown, otherwise = 1): Part {
  const known = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
  const line = known && node.range ? place.lineOf(node.range[0]) : otherwise;
  if (isAlias(node)) complain({ line }, 'aliases are not taken: write it out');
  return { node: known ? node : null, line };
}

/** The fields of a mapping, none but those known. */
export function fieldsOf<K extends string>(
  place: Place,
  { node, line }: Part,
  { what, known }: { readonly what: string; readonly known: readonly K[] },
): Readonly<Partial<Record<K, Part>>> {
  if (!isMap(node)) return complain({ line }, `${what} must be a mapping with ${known.join(', ')}`);
  const fields: Partial<Record<K, Part>> = {};
  for (const { key, value } of node.items) {
    const at = partOf(place, key, line);
    const name = isScalar(at.node) ? String(at.node.value) : '';
    const field = known.find((one) => one === name);
    if (!field) return complain(at, `${what} has no ${JSON.stringify(name)}: known are ${known.join(', ')}`);
    fields[field] = partOf(place, value, at.line);
  }
  return fields;
}

/** The items of a list; `most` of them. */
export function itemsOf(
  place: Place,
  { node, line }: Part,
  { what, most }: { readonly what: string; readonly most: number },
): readonly Part[] {
  if (!isSeq(node)) return complain({ line }, `${what} must be a list`);
  if (node.items.length > most) complain({ line }, `${what} has more than ${most} entries`);
  return node.items.map((one) => partOf(place, one, line));
}

/** A text, or a number as it is written. */
export function textOf({ node, line }: Part, what: string): string {
  if (!isScalar(node) || (typeof node.value !== 'string' && typeof node.value !== 'number'))
    return complain({ line }, `${what} must be a text`);
  return typeof node.value === 'number' ? (node.source ?? String(node.value)) : node.value;
}

/** Reads by a function that throws Unreadable, and adds the line. */
export function reading<T>(part: Part, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Unreadable) return complain(part, thrown.message);
    throw thrown;
  }
}
