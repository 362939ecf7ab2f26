/** From elements that sets have to elements that they are to have. */
import type { Family } from '../../net/family.ts';
import { once } from '../once.ts';
import { describeRaw, encodeElement, type RawElement, rawId } from './encode.ts';
import type { HoldingsChange } from './holdings.ts';
import { type Element, type SetName, tableOf } from './sets.ts';

export interface SetElements {
  readonly set: string;
  readonly elements: readonly RawElement[];
}

export interface ElementsDiff {
  readonly remove: readonly SetElements[];
  readonly add: readonly SetElements[];
}

export const sizeOf = ({ remove, add }: ElementsDiff): number =>
  [...remove, ...add].reduce((sum, { elements }) => sum + elements.length, 0);

/** By set and `rawId`. */
type Index = ReadonlyMap<string, ReadonlyMap<string, RawElement>>;

const encoded = once((element: Element) => encodeElement(element).map((raw) => ({ raw, id: rawId(raw) })));

function indexOf(elements: readonly Element[]): Index {
  const index = new Map<string, Map<string, RawElement>>();
  for (const element of elements) {
    const known = index.get(element.set) ?? new Map<string, RawElement>();
    index.set(element.set, known);
    // where blocks touch, the end of one is the start of the next: both are elements
    for (const { raw, id } of encoded(element)) known.set(id, raw);
  }
  return index;
}

/** Without the mark that libnftables puts before the first block of a set: nothing ends there. */
const indexOfSeen = (seen: readonly SetElements[]): Index =>
  new Map(
    seen.map(({ set, elements }) => {
      const some = elements.filter(({ key, isEnd }) => !isEnd || key.some((byte) => byte !== 0));
      return [set, new Map(some.map((raw) => [rawId(raw), raw] as const))];
    }),
  );

function minus(some: Index, others: Index): readonly SetElements[] {
  return Array.from(some, ([set, elements]) => {
    const known = others.get(set);
    return { set, elements: [...elements].flatMap(([id, raw]) => (known?.has(id) ? [] : [raw])) };
  }).filter(({ elements }) => elements.length > 0);
}

/** The elements of a change of what is held. */
export function encodeChange({ add, remove }: Pick<HoldingsChange, 'add' | 'remove'>): ElementsDiff {
  return { remove: minus(indexOf(remove), new Map()), add: minus(indexOf(add), new Map()) };
}

/** From what the kernel has. Sets that are made first have nothing. */
export function diffElements(seen: readonly SetElements[], wanted: readonly Element[]): ElementsDiff {
  const [there, to] = [indexOfSeen(seen), indexOf(wanted)];
  return { remove: minus(there, to), add: minus(to, there) };
}

/**
 * Ends of blocks that touch the next block of these sets. libnftables leaves them out, and they are needed once the next
 * block goes.
 */
export function touchingEnds(sets: ReadonlySet<string>, wanted: readonly Element[]): readonly SetElements[] {
  return Array.from(indexOf(wanted.filter(({ set }) => sets.has(set))), ([set, elements]) => {
    const starts = new Set(
      [...elements.values()].flatMap(({ key, isEnd }) => (isEnd ? [] : [rawId({ key })])),
    );
    const touches = ({ key, isEnd }: RawElement): boolean => isEnd === true && starts.has(rawId({ key }));
    return { set, elements: [...elements.values()].filter(touches) };
  }).filter(({ elements }) => elements.length > 0);
}

/** Changes of others, as sentences for the log. */
export function describeElements(
  before: readonly Element[],
  seen: readonly SetElements[],
  family: Family,
): string[] {
  const { remove: added, add: removed } = diffElements(seen, before);
  const sentences = (some: readonly SetElements[], what: string): string[] =>
    some.flatMap(({ set, elements }) =>
      elements.flatMap((raw) =>
        raw.isEnd ? [] : [`${tableOf(family)} ${set}: "${describeRaw(set as SetName, raw)}" was ${what}`],
      ),
    );
  return [...sentences(added, 'added'), ...sentences(removed, 'removed')];
}
