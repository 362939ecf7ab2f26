/** A table as nft(8) prints it, without elements: compared with an earlier print, and brought to what is wanted. */

import type { Family } from '../../net/family.ts';
import { notIn } from '../once.ts';
import { declarationLines, type SetName, setNames, shapeOf, tableOf } from './sets.ts';

/** A chain, a set, or what else others may have put there. */
export interface Block {
  readonly kind: string;
  readonly name: string;
  readonly lines: readonly string[];
}

export function parseListing(text: string): readonly Block[] {
  const blocks: { kind: string; name: string; lines: string[] }[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [, kind, name] = /^\t(\S+) (\S+) \{/.exec(line) ?? [];
    if (kind !== undefined && name !== undefined) blocks.push({ kind, name, lines: [] });
    else if (line.startsWith('\t\t')) blocks.at(-1)?.lines.push(line.trim());
  }
  return blocks;
}

/** The sets that are there as the engine declares them. */
export const setsThere = (blocks: readonly Block[], family: Family): readonly SetName[] =>
  setNames.filter((name) => blocks.some((block) => block.name === name && isOurSet(block, family)));

function isOurSet({ kind, name, lines }: Block, family: Family): boolean {
  const known = setNames.find((one) => one === name);
  if (known === undefined || kind !== (shapeOf(known).data ? 'map' : 'set')) return false;
  return lines.join() === declarationLines(known, family).join();
}

/** Replaces the rules of a table in one transaction. Sets that are as declared keep their elements. */
export function repairScript(blocks: readonly Block[], skeleton: string, family: Family): string {
  const table = tableOf(family);
  const doomed = blocks.filter((block) => block.kind === 'chain' || !isOurSet(block, family));
  return [
    `flush table ${table}`,
    ...doomed.map(({ kind, name }) => `delete ${kind} ${table} ${name}`),
    skeleton,
  ].join('\n');
}

/** Changes of others, as sentences for the log. */
export function describeBlocks(before: readonly Block[], now: readonly Block[], family: Family): string[] {
  const table = tableOf(family);
  const named = (blocks: readonly Block[]): ReadonlyMap<string, readonly string[]> =>
    new Map(blocks.map(({ kind, name, lines }) => [`${kind} ${name}`, lines]));
  const [was, is] = [named(before), named(now)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    const [old, lines] = [was.get(name), is.get(name)];
    if (!lines) return [`${table}: ${name} was removed`];
    if (!old) return [`${table}: ${name} was added`];
    const removed = notIn(old, lines).map((line) => `${table} ${name}: "${line}" was removed`);
    const added = notIn(lines, old).map((line) => `${table} ${name}: "${line}" was added`);
    if (added.length + removed.length > 0) return [...added, ...removed];
    return old.join('\n') === lines.join('\n') ? [] : [`${table} ${name}: the order was changed`];
  });
}
