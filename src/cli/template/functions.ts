/** The functions of templates: Go's own and those that Docker's client adds (docs.docker.com/go/formatting). */
import { sprintf } from './printf.ts';
import { GoMap, isList, isMap, isStruct, isTrue, show, toJson, typeName, type Value } from './values.ts';

export type TemplateFunction = (...args: readonly Value[]) => Value;

const text = (value: Value): string => (typeof value === 'string' ? value : show(value));

/** An argument of the wrong type; Go finds it before the call. */
export class ArgumentError extends Error {}

function wantsString(value: Value): string {
  if (typeof value === 'string') return value;
  throw new ArgumentError(`wrong type for value; expected string; got ${typeName(value)}`);
}

function index(item: Value, ...keys: readonly Value[]): Value {
  return keys.reduce<Value>((at, key) => {
    if (isMap(at)) {
      const name = wantsString(key);
      return at instanceof GoMap && !at.has(name) ? at.zero : at.get(name);
    }
    if (isList(at) || typeof at === 'string') return itemOf(at, key);
    if (isStruct(at) && typeof key === 'string' && Object.hasOwn(at, key)) return at[key];
    if (at === undefined || at === null) throw new Error('index of untyped nil');
    throw new Error(`can't index item of type ${typeName(at)}`);
  }, item);
}

function itemOf(items: readonly Value[] | string, key: Value): Value {
  if (typeof key !== 'number' && typeof key !== 'bigint') {
    throw new Error(`cannot index slice/array with type ${typeName(key)}`);
  }
  const place = Number(key);
  if (place < 0 || place >= items.length) throw new Error(`reflect: slice index out of range`);
  return typeof items === 'string' ? Buffer.from(items)[place] : items[place];
}

function slice(item: Value, ...bounds: readonly Value[]): Value {
  if (typeof item !== 'string' && !isList(item))
    throw new Error(`can't slice item of type ${typeName(item)}`);
  const [from = 0, to = item.length] = bounds.map(Number);
  if (from < 0 || to > item.length || from > to) {
    throw new Error(`index out of range: ${to > item.length ? to : from}`);
  }
  return item.slice(from, to);
}

function length(item: Value): number {
  if (typeof item === 'string') return Buffer.byteLength(item);
  if (isList(item)) return item.length;
  if (isMap(item)) return item.size;
  // A list or a map that the API leaves out is empty.
  if (item === undefined || item === null) return 0;
  throw new Error(`len of type ${typeName(item)}`);
}

/** -1, 0 or 1. Throws where Go's lt and friends refuse. */
function compare(a: Value, b: Value): number {
  const numbers = [a, b].every((value) => typeof value === 'number' || typeof value === 'bigint');
  const strings = typeof a === 'string' && typeof b === 'string';
  if (!numbers && !strings) throw new Error('incompatible types for comparison');
  const [x, y] = [a as string, b as string];
  return x < y ? -1 : x > y ? 1 : 0;
}

const comparable = (value: Value): string =>
  typeof value === 'bigint' ? 'number' : value === null ? 'undefined' : typeof value;

function equals(a: Value, b: Value): boolean {
  if ([a, b].some((value) => isList(value) || isMap(value))) throw new Error('non-comparable type');
  const missing = [a, b].some((value) => value === undefined || value === null);
  if (!missing && comparable(a) !== comparable(b)) throw new Error('incompatible types for comparison');
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
/** Go's `url.QueryEscape`: letters, digits and `-_.~` stay as they are (RFC 3986, 2.3). */
const queryEscaped = (value: string): string =>
  encodeURIComponent(value)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

/** Go's `strings.Title`: an apostrophe begins a word too. */
const titled = (value: string): string =>
  value.replace(
    /(^|[^\p{L}\p{N}_])(\p{L})/gu,
    (_all, before: string, letter: string) => before + letter.toUpperCase(),
  );

/** By name. `and` and `or` are in the evaluator, which stops at the first operand that decides. */
export const templateFunctions: Readonly<Record<string, TemplateFunction>> = {
  len: length,
  index,
  slice,
  print: (...args) => sprint(args),
  println: (...args) => `${args.map(text).join(' ')}\n`,
  printf: (format, ...args) => sprintf(wantsString(format), args),
  not: (value) => !isTrue(value),
  eq: (a, ...others) => {
    if (others.length === 0) throw new Error('missing argument for comparison');
    return others.some((b) => equals(a, b));
  },
  ne: (a, b) => !equals(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  html: (...args) => sprint(args).replace(/[&<>"']/g, (c) => htmlEscapes[c] ?? c),
  urlquery: (...args) => queryEscaped(sprint(args)),
  js: (...args) => JSON.stringify(sprint(args)).slice(1, -1).replaceAll("'", "\\'"),

  json: (value) => toJson(value),
  split: (value, separator) => {
    const [whole, by] = [wantsString(value), wantsString(separator)];
    return by === '' ? [...whole] : whole.split(by);
  },
  join: (list, separator) => {
    if (!isList(list))
      throw new ArgumentError(`wrong type for value; expected []string; got ${typeName(list)}`);
    return list.map(text).join(wantsString(separator));
  },
  title: (value) => titled(wantsString(value)),
  lower: (value) => wantsString(value).toLowerCase(),
  upper: (value) => wantsString(value).toUpperCase(),
  pad: (value, before, after) => {
    const whole = wantsString(value);
    return whole === '' ? whole : ' '.repeat(Number(before)) + whole + ' '.repeat(Number(after));
  },
  truncate: (value, to) => [...wantsString(value)].slice(0, Number(to)).join(''),
};

export const functionNames: ReadonlySet<string> = new Set([
  ...Object.keys(templateFunctions),
  'and',
  'or',
  'call',
]);
