/** The functions of templates: Go's own and those that Docker's client adds (docs.docker.com/go/formatting). */
import { sprintf } from './printf.ts';
import { isList, isMap, isStruct, isTrue, show, toJson, typeName, type Value } from './values.ts';

export type TemplateFunction = (...args: readonly Value[]) => Value;

const text = (value: Value): string => (typeof value === 'string' ? value : show(value));

function wantsString(value: Value, name: string): string {
  if (typeof value === 'string') return value;
  throw new Error(
    `wrong type for value; expected string; got ${typeName(value)}${name === '' ? '' : ` (${name})`}`,
  );
}

function index(item: Value, ...keys: readonly Value[]): Value {
  return keys.reduce<Value>((at, key) => {
    if (isMap(at)) return at.get(wantsString(key, ''));
    if (isList(at) || typeof at === 'string') {
      const place = Number(key);
      if (typeof key !== 'number' && typeof key !== 'bigint')
        throw new Error(`cannot index slice/array with type ${typeName(key)}`);
      if (place < 0 || place >= at.length)
        throw new Error(`error calling index: reflect: slice index out of range: ${place}`);
      return typeof at === 'string' ? Buffer.from(at)[place] : at[place];
    }
    if (isStruct(at) && typeof key === 'string' && Object.hasOwn(at, key)) return at[key];
    if (at === undefined || at === null) throw new Error('error calling index: index of untyped nil');
    throw new Error(`error calling index: can't index item of type ${typeName(at)}`);
  }, item);
}

function slice(item: Value, ...bounds: readonly Value[]): Value {
  if (typeof item !== 'string' && !isList(item))
    throw new Error(`error calling slice: can't slice item of type ${typeName(item)}`);
  const [from = 0, to = item.length] = bounds.map(Number);
  if (from < 0 || to > item.length || from > to) {
    throw new Error(`error calling slice: index out of range: ${to > item.length ? to : from}`);
  }
  return item.slice(from, to);
}

function length(item: Value): number {
  if (typeof item === 'string') return Buffer.byteLength(item);
  if (isList(item)) return item.length;
  if (isMap(item)) return item.size;
  throw new Error(
    item === undefined || item === null
      ? 'error calling len: len of nil pointer'
      : `error calling len: len of type ${typeName(item)}`,
  );
}

/** -1, 0 or 1. Throws where Go's lt and friends refuse. */
function compare(a: Value, b: Value): number {
  const numbers = [a, b].every((value) => typeof value === 'number' || typeof value === 'bigint');
  const strings = typeof a === 'string' && typeof b === 'string';
  if (!numbers && !strings) throw new Error('incompatible types for comparison');
  const [x, y] = [a as string, b as string];
  return x < y ? -1 : x > y ? 1 : 0;
}

function equals(a: Value, b: Value): boolean {
  const kind = (value: Value): string =>
    typeof value === 'bigint' ? 'number' : value === null ? 'undefined' : typeof value;
  if ([a, b].some((value) => isList(value) || isMap(value))) throw new Error('non-comparable type');
  const missing = [a, b].some((value) => value === undefined || value === null);
  if (!missing && kind(a) !== kind(b)) throw new Error('incompatible types for comparison');
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1, null == undefined
  return a == b;
}

/** `fmt.Sprint`: a space between operands when neither is a string. */
function sprint(args: readonly Value[]): string {
  return args.reduce<string>((line, value, at) => {
    const gap = at > 0 && typeof value !== 'string' && typeof args[at - 1] !== 'string' ? ' ' : '';
    return line + gap + text(value);
  }, '');
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};
const titled = (value: string): string =>
  value.replace(
    /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
    (_all, before: string, letter: string) => before + letter.toUpperCase(),
  );

/** By name. `and` and `or` are in the evaluator, which stops at the first operand that decides. */
export const templateFunctions: Readonly<Record<string, TemplateFunction>> = {
  len: length,
  index,
  slice,
  print: (...args) => sprint(args),
  println: (...args) => `${args.map(text).join(' ')}\n`,
  printf: (format, ...args) => sprintf(wantsString(format, 'printf'), args),
  not: (value) => !isTrue(value),
  eq: (a, ...others) => {
    if (others.length === 0) throw new Error('error calling eq: missing argument for comparison');
    return others.some((b) => equals(a, b));
  },
  ne: (a, b) => !equals(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  html: (...args) => sprint(args).replace(/[&<>"']/g, (c) => htmlEscapes[c] ?? c),
  urlquery: (...args) => encodeURIComponent(sprint(args)).replaceAll('%20', '+'),
  js: (...args) => JSON.stringify(sprint(args)).slice(1, -1).replaceAll("'", "\\'"),

  json: (value) => toJson(value),
  split: (value, separator) => {
    const [whole, by] = [wantsString(value, 'split'), wantsString(separator, 'split')];
    return by === '' ? [...whole] : whole.split(by);
  },
  join: (list, separator) => {
    if (!isList(list)) throw new Error(`wrong type for value; expected []string; got ${typeName(list)}`);
    return list.map(text).join(wantsString(separator, 'join'));
  },
  title: (value) => titled(wantsString(value, 'title')),
  lower: (value) => wantsString(value, 'lower').toLowerCase(),
  upper: (value) => wantsString(value, 'upper').toUpperCase(),
  pad: (value, before, after) => {
    const whole = wantsString(value, 'pad');
    return whole === '' ? whole : ' '.repeat(Number(before)) + whole + ' '.repeat(Number(after));
  },
  truncate: (value, to) => [...wantsString(value, 'truncate')].slice(0, Number(to)).join(''),
};

export const functionNames: ReadonlySet<string> = new Set([
  ...Object.keys(templateFunctions),
  'and',
  'or',
  'call',
]);
