/** The error of Go's JSON decoder for a value of the wrong type. */
import type { TSchema } from 'typebox';

/** What Go calls the kinds of JSON values in its messages. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

const goTypes: Readonly<Record<string, string>> = {
  number: 'float64',
  boolean: 'bool',
  object: 'map[string]string',
  array: '[]string',
};

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );
}

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

interface Problem {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

/** The parts of a JSON schema that name a place in Go's structs. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Go's name of a range of integers. */
function integerType({ minimum = -1, maximum = 0 }: Shape): string {
  if (minimum < 0) return 'int64';
  return maximum < 2 ** 32 ? 'uint32' : 'uint64';
}

/** The fields on the way to a value; Go names neither keys of maps nor indices of lists. */
function fieldsOf(
  schema: Shape,
  path: readonly string[],
): { readonly fields: readonly string[]; readonly shape: Shape | undefined } {
  const fields: string[] = [];
  let shape: Shape | undefined = schema;
  for (const part of path) {
    if (shape?.properties) fields.push(part);
    shape = shape?.properties?.[part] ?? shape?.items ?? Object.values(shape?.patternProperties ?? {})[0];
  }
  return { fields, shape };
}

/** Go shows the number where it does not fit an integer. */
const shown = (value: unknown, type: string): string =>
  typeof value === 'number' && /^u?int/.test(type) ? ` ${value}` : '';

/** `json: cannot unmarshal number into Go struct field NetworkCreateRequest.Name of type string`. */
export function explainMismatch(
  schema: TSchema & { readonly title?: string },
  value: unknown,
  problem: Problem,
): string {
  const title = schema.title ?? 'body';
  const path = problem.instancePath.split('/').slice(1).map(unescapePointer);
  const found = at(value, path);
  const kind = kindOf(found);
  if (path.length === 0) return `json: cannot unmarshal ${kind} into Go value of type ${title}`;
  const { fields, shape = {} } = fieldsOf(schema as Shape, path);
  const field = [title, ...fields].join('.');
  const wanted = 'type' in problem.params ? String(problem.params.type) : '';
  const isRange = problem.keyword === 'minimum' || problem.keyword === 'maximum';
  if (problem.keyword !== 'type' && !isRange) return `${field} ${problem.message}`;
  const isInteger = isRange || wanted === 'integer';
  const type = isInteger ? integerType(shape) : (goTypes[wanted] ?? (wanted || '[]string'));
  return `json: cannot unmarshal ${kind}${shown(found, type)} into Go struct field ${field} of type ${type}`;
}
