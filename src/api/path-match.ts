/** Go's path.Match, as Docker matches references. Pure. */
import { fail } from '../errors.ts';

/** Throws BAD_REQUEST in Go's words. */
const malformed = (): Error => fail('BAD_REQUEST', 'syntax error in pattern');

/** A hyphen is escaped within a class alone: elsewhere `\\-` is an error (ECMAScript, IdentityEscape with `u`). */
const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
const literalOfClass = (character: string): string => literal(character).replace('-', '\\-');

/** The characters of a pattern, one at a time. */
class Reader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#characters = [...pattern];
  }

  get next(): string | undefined {
    return this.#characters[this.#at];
  }

  take(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw malformed();
    return character;
  }

  /** One character of a class, perhaps behind a backslash. */
  takeOfClass(): string {
    const character = this.take();
    if (character === '-' || character === ']') throw malformed();
    return character === '\\' ? this.take() : character;
  }
}

/** `[a-z]`, `[^a-z]`, behind its bracket. Unlike `*` and `?` a class may match a slash, as in Go. */
function classOf(reader: Reader): string {
  const negated = reader.next === '^';
  if (negated) reader.take();
  let ranges = '';
  do {
    const first = reader.takeOfClass();
    if (reader.next === '-') reader.take();
    else {
      ranges += literalOfClass(first);
      continue;
    }
    const last = reader.takeOfClass();
    if (first <= last) ranges += `${literalOfClass(first)}-${literalOfClass(last)}`;
  } while (reader.next !== ']');
  reader.take();
  if (ranges === '') return negated ? '[\\s\\S]' : '(?!)';
  return `[${negated ? '^' : ''}${ranges}]`;
}

/** `*` and `?` do not cross a slash. Throws BAD_REQUEST for a malformed pattern. */
export function pathPattern(pattern: string): RegExp {
  const reader = new Reader(pattern);
  let body = '';
  while (reader.next !== undefined) {
    const character = reader.take();
    if (character === '*') body += '[^/]*';
    else if (character === '?') body += '[^/]';
    else if (character === '[') body += classOf(reader);
    else body += literal(character === '\\' ? reader.take() : character);
  }
  return new RegExp(`^${body}$`, 'u');
}
