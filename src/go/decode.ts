/**
 * JSON as Go's decoder reads it, so that what Docker accepts is accepted here: null leaves a field
 * absent, null inside a map or list is the zero value of its type, keys match without regard to case
 * where there is no exact match, and unknown keys are dropped.
 */
import type { TSchema } from 'typebox';

/** The parts of a JSON schema that decoding looks at. */
interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}

const folded = new WeakMap<object, ReadonlyMap<string, string>>();

/** Lower-case name of each property to its exact name. */
function foldedNames(properties: Readonly<Record<string, Shape>>): ReadonlyMap<string, string> {
  const known = folded.get(properties);
  if (known) return known;
  const names = new Map(Object.keys(properties).map((name) => [name.toLowerCase(), name]));
  folded.set(properties, names);
  return names;
}

const zeros: Readonly<Record<string, () => unknown>> = {
  string: () => '',
  integer: () => 0,
  number: () => 0,
  boolean: () => false,
  array: () => [],
  object: () => ({}),
};

function decodeElement(shape: Shape, value: unknown): unknown {
  return value === null ? (zeros[shape.type ?? '']?.() ?? null) : decodeValue(shape, value);
}

function decodeStruct(properties: Readonly<Record<string, Shape>>, value: object): object {
  const names = foldedNames(properties);
  const pairs: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const name = Object.hasOwn(properties, key) ? key : names.get(key.toLowerCase());
    const shape = name === undefined ? undefined : properties[name];
    if (name === undefined || shape === undefined || inner === null) continue;
    pairs.push([name, decodeValue(shape, inner)]);
  }
  return Object.fromEntries(pairs);
}

function decodeValue(shape: Shape, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = shape.items;
    return items ? value.map((item) => decodeElement(items, item)) : value;
  }
  if (shape.properties) return decodeStruct(shape.properties, value);
  const element = Object.values(shape.patternProperties ?? {})[0];
  if (!element) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, decodeElement(element, inner)]),
  );
}

/** Brings a parsed JSON value into the shape of the schema. Types are not checked. */
export function decodeLikeGo(schema: TSchema, value: unknown): unknown {
  if (value === null) return (schema as Shape).type === 'array' ? [] : {};
  return decodeValue(schema as Shape, value);
}
