/** Keeps the engine's rules in a chain that other programs write to, without moving their rules. */
import { longestIncreasing } from './sequence.ts';

export interface SharedRules {
  /** First in the chain, in this order. */
  readonly head: readonly string[];
  /** Anywhere in the chain, in this order. */
  readonly tail: readonly string[];
  /** Rules of the engine that are no longer wanted. */
  readonly obsolete: readonly string[];
}

/** The commands for one chain. Removals are by text, so that they never hit another program's rule. */
export function sharedChainCommands(name: string, rules: SharedRules, observed: readonly string[]): string[] {
  const chain = new SharedChain(name, observed);
  for (const text of rules.obsolete) chain.remove(text);
  if (!isHead(rules.head, observed)) {
    for (const text of rules.head) while (chain.remove(text));
    for (const [index, text] of rules.head.entries()) chain.insert(index, text);
  }
  arrangeTail(chain, rules.tail);
  return chain.commands;
}

/** Whether the head's rules come first and occur nowhere else. */
function isHead(head: readonly string[], observed: readonly string[]): boolean {
  return head.every((text, index) => observed[index] === text && observed.indexOf(text, head.length) < 0);
}

function arrangeTail(chain: SharedChain, tail: readonly string[]): void {
  if (chain.hasInOrder(tail)) return;
  if (chain.isStartOf(tail)) {
    chain.append(tail.slice(chain.length));
    return;
  }
  const places = chain.firstPlaces();
  const kept = longestIncreasing(tail.map((text) => places.get(text)));
  for (const [index, text] of tail.entries()) if (!kept.has(index) && places.has(text)) chain.remove(text);
  // backwards, so that each insertion knows the rule that it precedes
  let next: string | undefined;
  const insertions: { readonly text: string; readonly before: string | undefined }[] = [];
  for (const [index, text] of [...tail.entries()].reverse()) {
    if (kept.has(index)) next = text;
    else insertions.push({ text, before: next });
  }
  for (const { text, before } of insertions.reverse())
    chain.insert(before === undefined ? chain.length : chain.placeOf(before), text);
}

/** A chain as it will be after the commands so far. */
class SharedChain {
  readonly commands: string[] = [];
  readonly #name: string;
  readonly #rules: string[];

  constructor(name: string, observed: readonly string[]) {
    this.#name = name;
    this.#rules = [...observed];
  }

  get length(): number {
    return this.#rules.length;
  }

  firstPlaces(): Map<string, number> {
    const places = new Map<string, number>();
    for (const [index, text] of this.#rules.entries()) if (!places.has(text)) places.set(text, index);
    return places;
  }

  /** Whether the chain has all these rules, in this order. */
  hasInOrder(wanted: readonly string[]): boolean {
    let found = 0;
    for (const rule of this.#rules) if (rule === wanted[found]) found++;
    return found === wanted.length;
  }

  isStartOf(wanted: readonly string[]): boolean {
    return this.#rules.length <= wanted.length && this.#rules.every((rule, index) => rule === wanted[index]);
  }

  append(texts: readonly string[]): void {
    for (const text of texts) this.insert(this.#rules.length, text);
  }

  placeOf(text: string): number {
    return this.#rules.indexOf(text);
  }

  /** Removes the first rule with that text; false where there is none. */
  remove(text: string): boolean {
    const index = this.#rules.indexOf(text);
    if (index < 0) return false;
    this.#rules.splice(index, 1);
    this.commands.push(`-D ${this.#name} ${text}`);
    return true;
  }

  insert(index: number, text: string): void {
    const last = index === this.#rules.length;
    this.commands.push(last ? `-A ${this.#name} ${text}` : `-I ${this.#name} ${index + 1} ${text}`);
    this.#rules.splice(index, 0, text);
  }
}
