/**
 * Words of a Dockerfile line: quotes, backslashes and variables.
 * https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
import { fail } from '../errors.ts';

export type Lookup = (name: string) => string | undefined;

const variable = /^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::([-+])([^}]*))?\})/;

/** The value of the variable at the start of `text` and its length in the text; undefined for none. */
function expand(
  text: string,
  lookup: Lookup,
): { readonly value: string; readonly length: number } | undefined {
  const match = variable.exec(text);
  if (!match) return undefined;
  const [whole, plain, braced, operator, word = ''] = match;
  const value = lookup(plain ?? braced ?? '') ?? '';
  const instead = operator === '-' ? value || word : operator === '+' ? (value ? word : '') : value;
  return { value: instead, length: whole.length };
}

interface Scanner {
  readonly text: string;
  readonly lookup: Lookup;
  at: number;
}

function scanSingle(s: Scanner): string {
  const end = s.text.indexOf("'", s.at + 1);
  if (end < 0)
    throw fail('BAD_REQUEST', 'unexpected end of statement while looking for matching single-quote');
  const inner = s.text.slice(s.at + 1, end);
  s.at = end + 1;
  return inner;
}

function scanDollar(s: Scanner): string {
  const found = expand(s.text.slice(s.at), s.lookup);
  s.at += found?.length ?? 1;
  return found?.value ?? '$';
}

function scanDouble(s: Scanner): string {
  let out = '';
  s.at++;
  while (s.at < s.text.length && s.text[s.at] !== '"') {
    const next = s.text[s.at + 1] ?? '';
    if (s.text[s.at] === '$') out += scanDollar(s);
    else if (s.text[s.at] === '\\' && '"$\\'.includes(next) && next !== '') {
      out += next;
      s.at += 2;
    } else out += s.text[s.at++];
  }
  if (s.at >= s.text.length)
    throw fail('BAD_REQUEST', 'unexpected end of statement while looking for matching double-quote');
  s.at++;
  return out;
}

/** Splits at unquoted blanks, removes quotes and backslashes, and replaces variables. */
export function splitWords(text: string, lookup: Lookup): string[] {
  const s: Scanner = { text, lookup, at: 0 };
  const words: string[] = [];
  let word: string | undefined;
  while (s.at < text.length) {
    const char = text[s.at] ?? '';
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      s.at++;
    } else {
      word ??= '';
      if (char === "'") word += scanSingle(s);
      else if (char === '"') word += scanDouble(s);
      else if (char === '$') word += scanDollar(s);
      else if (char === '\\' && s.at + 1 < text.length) {
        word += text[s.at + 1];
        s.at += 2;
      } else {
        word += char;
        s.at++;
      }
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
