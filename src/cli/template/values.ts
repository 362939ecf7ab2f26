/**
 * The values that templates work on. An API answer is JSON; in Docker's client it is Go structs and maps, and
 * templates see the difference: a field that a struct lacks is an error, a key that a map lacks is not. So an
 * object here is a struct, and a `Map` is a map.
 */

export type Value =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | Method
  | Struct;

/** A struct's fields; order is the order of declaration. */
export interface Struct {
  readonly [field: string]: Value;
}

/** A field that is called with arguments: `{{.Label "x"}}`. */
export type Method = (...args: readonly Value[]) => Value;

/** A Go map, with the value of missing keys, and whether the map itself was left out. */
export class GoMap extends Map<string, Value> {
  readonly zero: Value;
  readonly isNil: boolean;

  constructor(entries: Iterable<readonly [string, Value]>, zero: Value, isNil = false) {
    super(entries);
    this.zero = zero;
    this.isNil = isNil;
  }
}

/** A Go slice that was left out: empty, and `null` as JSON. */
export const nilList: readonly Value[] = Object.freeze([]);

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

export function isStruct(value: Value): value is Struct {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isMap(value);
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** A map's entries in the order in which Go's templates and printing visit them. */
export function sortedEntries(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Go templates' truth: empty strings, lists and maps and zero are false. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  if (typeof value === 'bigint') return value !== 0n;
  return isStruct(value) || Boolean(value);
}

/** Go's `%v`. */
export function show(value: Value): string {
  if (value === undefined || value === null) return '<nil>';
  if (isList(value)) return `[${value.map(show).join(' ')}]`;
  if (isMap(value))
    return `map[${sortedEntries(value)
      .map(([key, inner]) => `${key}:${show(inner)}`)
      .join(' ')}]`;
  if (isStruct(value)) return `{${Object.values(value).map(show).join(' ')}}`;
  return typeof value === 'function' ? 'func' : String(value);
}

/** The name of a value's type, for errors. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return 'nil';
  if (isList(value)) return 'slice';
  if (isMap(value)) return 'map';
  if (isStruct(value)) return 'struct';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'bigint') return 'int64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'function' ? 'func' : 'string';
}

/** JSON as Go's encoder writes it with HTML escaping off: map keys sorted, struct fields as declared. */
export function toJson(value: Value): string {
  if (value === undefined || value === null || typeof value === 'function') return 'null';
  if (typeof value === 'string') return quoteJson(value);
  if (value === nilList || (value instanceof GoMap && value.isNil)) return 'null';
  if (isList(value)) return `[${value.map(toJson).join(',')}]`;
  if (isMap(value))
    return `{${sortedEntries(value)
      .map(([key, inner]) => `${quoteJson(key)}:${toJson(inner)}`)
      .join(',')}}`;
  if (isStruct(value)) {
    const fields = Object.entries(value).filter(
      ([, inner]) => inner !== undefined && typeof inner !== 'function',
    );
    return `{${fields.map(([key, inner]) => `${quoteJson(key)}:${toJson(inner)}`).join(',')}}`;
  }
  return String(value);
}

function quoteJson(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
}
