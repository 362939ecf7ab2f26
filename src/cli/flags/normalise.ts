/**
 * Brings a command line into a form that commander takes, where Go's flags allow more: a switch with a value
 * (`--rm=false`), and a short flag with an equals sign (`-e=A=1`).
 */
import { cut } from '../../flags/kinds.ts';
import type { Flag } from './flag.ts';

/** A switch with a value becomes this option of its own. */
export const withValue = (name: string): string => `${name}:is`;

export interface Known {
  readonly byName: ReadonlyMap<string, Flag<unknown>>;
  readonly byShort: ReadonlyMap<string, Flag<unknown>>;
}

export function knownFlags(flags: Iterable<Flag<unknown>>): Known {
  const byName = new Map<string, Flag<unknown>>();
  const byShort = new Map<string, Flag<unknown>>();
  for (const flag of flags) {
    for (const name of [flag.name, ...(flag.also ?? [])]) byName.set(name, flag);
    if (flag.short !== undefined) byShort.set(flag.short, flag);
  }
  return { byName, byShort };
}

/** The words, rewritten. With `passThrough` everything from the first operand on is left alone. */
export function normalise(words: readonly string[], known: Known, passThrough: boolean): string[] {
  const result: string[] = [];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--' || (passThrough && (!word.startsWith('-') || word === '-')))
      return [...result, word, ...left];
    const step = word.startsWith('--')
      ? long(word, known)
      : word.startsWith('-') && word !== '-'
        ? short(word, known)
        : { words: [word], wantsValue: false };
    result.push(...step.words);
    const value = step.wantsValue ? left.shift() : undefined;
    if (value !== undefined) result.push(value);
  }
  return result;
}

interface Step {
  readonly words: readonly string[];
  /** The next word is this flag's value. */
  readonly wantsValue: boolean;
}

function long(word: string, known: Known): Step {
  const [name, value] = cut(word.slice(2), '=');
  const flag = known.byName.get(name);
  if (flag === undefined) return { words: [word], wantsValue: false };
  if (!flag.kind.isSwitch) return { words: [word], wantsValue: value === undefined };
  return {
    words: value === undefined ? [`--${name}`] : [`--${withValue(flag.name)}`, value],
    wantsValue: false,
  };
}

function short(word: string, known: Known): Step {
  const words: string[] = [];
  for (let at = 1; at < word.length; at++) {
    const letter = word.slice(at, at + 1);
    const flag = known.byShort.get(letter);
    if (flag === undefined) return { words: [...words, `-${letter}`], wantsValue: false };
    const rest = word.slice(at + 1);
    if (flag.kind.isSwitch) {
      if (rest.startsWith('='))
        return { words: [...words, `--${withValue(flag.name)}`, rest.slice(1)], wantsValue: false };
      words.push(`-${letter}`);
      continue;
    }
    if (rest === '') return { words: [...words, `-${letter}`], wantsValue: true };
    return {
      words: [...words, `--${flag.name}=${rest.startsWith('=') ? rest.slice(1) : rest}`],
      wantsValue: false,
    };
  }
  return { words, wantsValue: false };
}
