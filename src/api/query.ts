/** Query parameters, read the way Docker reads them. */
import { fail, messageOf } from '../errors.ts';
import { parseInteger } from '../go/strconv.ts';

export interface Query {
  /** '' when it is not there. */
  text(name: string): string;
  /** Every value of a parameter that may be repeated. */
  list(name: string): readonly string[];
  /** Docker's booleans: false is '', `0`, `no`, `false`, `none`; everything else is true. */
  flag(name: string, otherwise?: boolean): boolean;
  /** A decimal integer; undefined when it is not there or empty. Throws BAD_REQUEST in Go's words. */
  integer(name: string): number | undefined;
}

const falseWords = new Set(['', '0', 'no', 'false', 'none']);

function readInteger(text: string): number {
  try {
    return parseInteger(text);
  } catch (error) {
    throw fail('BAD_REQUEST', messageOf(error));
  }
}

/** Refuses what Go's parser refuses and URLSearchParams accepts. */
function refuseMalformed(search: string): void {
  if (search.includes(';')) throw fail('BAD_REQUEST', 'invalid semicolon separator in query');
  const wrong = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(search)?.[0];
  if (wrong !== undefined) throw fail('BAD_REQUEST', `invalid URL escape ${JSON.stringify(wrong)}`);
}

/** Read a query string, with or without its question mark. Throws BAD_REQUEST in Go's words. */
export function parseQuery(search: string): Query {
  refuseMalformed(search);
  const values = new URLSearchParams(search);
  const text = (name: string): string => values.get(name) ?? '';
  return {
    text,
    list: (name) => values.getAll(name),
    flag: (name, otherwise = false) =>
      values.has(name) ? !falseWords.has(text(name).trim().toLowerCase()) : otherwise,
    integer: (name) => (text(name) === '' ? undefined : readInteger(text(name))),
  };
}
