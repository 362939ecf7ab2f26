/** The engine's table as text of nft(8). */
import type { Family } from '../../net/family.ts';
import type { FirewallInput } from '../input.ts';
import { Lists } from '../once.ts';
import { chainsOf } from './chains.ts';
import { elementGroups } from './elements.ts';
import {
  declarationOf,
  type Element,
  elementText,
  type SetName,
  setNames,
  shapeOf,
  tableOf,
} from './sets.ts';
import type { NftChain, NftRule } from './words.ts';

/** Declarations and chains, without elements. */
export function skeletonText(input: FirewallInput, family: Family): string {
  const lines = [
    ...setNames.map((name) => declarationOf(name, family)),
    ...chainsOf(input, family).flatMap((chain) => chainLines(chain, explained)),
  ];
  return `table ${tableOf(family)} {\n${indent(lines).join('\n')}\n}\n`;
}

/** Commands that fill the sets of the table. */
export const elementsText = (input: FirewallInput, family: Family): string =>
  fillText(elementGroups(input, family, new Lists()).flat(), family);

/** Commands that add these elements, one for each set. */
export const fillText = (elements: readonly Element[], family: Family): string =>
  Array.from(textsBySet(elements), ([set, texts]) => {
    return `add element ${tableOf(family)} ${set} { ${[...texts].join(', ')} }\n`;
  }).join('');

/** Commands after which these sets have these elements and no others. */
export function refillText(sets: ReadonlySet<SetName>, elements: readonly Element[], family: Family): string {
  const emptied = Array.from(sets, (set) => {
    return `flush ${shapeOf(set).data ? 'map' : 'set'} ${tableOf(family)} ${set}\n`;
  });
  const some = elements.filter(({ set }) => sets.has(set));
  return `${emptied.join('')}${fillText(some, family)}`;
}

function textsBySet(elements: readonly Element[]): ReadonlyMap<SetName, ReadonlySet<string>> {
  const bySet = new Map<SetName, Set<string>>();
  for (const element of elements) {
    const texts = bySet.get(element.set) ?? new Set();
    bySet.set(element.set, texts.add(elementText(quoted(element))));
  }
  return bySet;
}

/** The parts of the table with the reason of each set and rule, for documents. Sets without elements are left out. */
export function annotatedParts(
  input: FirewallInput,
  family: Family,
): { readonly sets: readonly string[]; readonly chains: readonly string[] } {
  const bySet = textsBySet(elementGroups(input, family, new Lists()).flat());
  const sets = setNames.flatMap((name) => {
    const elements = bySet.get(name);
    if (!elements) return [];
    return [[`# ${shapeOf(name).why}`, ...filled(declarationOf(name, family), [...elements])].join('\n')];
  });
  return { sets, chains: chainsOf(input, family).map((chain) => chainLines(chain, commented()).join('\n')) };
}

function filled(declaration: string, elements: readonly string[]): readonly string[] {
  return [declaration.replace(/ \}$/, ''), `  elements = { ${elements.join(', ')} }`, '}'];
}

/** nft(8) wants names of links in quotes. */
function quoted<T extends { readonly set: SetName; readonly key: string }>(element: T): T {
  const shape = shapeOf(element.set);
  const fields = element.key.split(' . ').map((one, i) => (shape.key[i] === 'link' ? `"${one}"` : one));
  return { ...element, key: fields.join(' . ') };
}

/** Rules that drop have their reason as a comment, for users and for `seaway explain`. */
const explained = ({ text, why }: NftRule): readonly string[] => [
  /\bdrop$/.test(text) ? `${text} comment "${why}"` : text,
];

/** Consecutive rules with the same reason share one comment. */
function commented(): (rule: NftRule) => readonly string[] {
  let before = '';
  return ({ text, why }) => {
    const isNew = why !== before;
    before = why;
    return isNew ? [`# ${why}`, text] : [text];
  };
}

function chainLines(
  { name, base, rules }: NftChain,
  linesOf: (rule: NftRule) => readonly string[],
): readonly string[] {
  return [`chain ${name} {`, ...indent([...(base ? [base] : []), ...rules.flatMap(linesOf)]), '}'];
}

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);
