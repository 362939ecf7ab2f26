/** `$NAME`, `${NAME}` and `${NAME:-default}` in the texts of a Compose file. */
import { CliError } from '../failure.ts';
import { isObject } from './yaml.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** A text in which a variable was: where a number is wanted, it may be one. */
export class Interpolated {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const pattern =
  /\$(?:(?<escaped>\$)|(?<named>[_a-z][_a-z0-9]*)|\{(?<braced>[_a-z][_a-z0-9]*(?::?[-?][^}]*)?)\}|(?<invalid>))/gi;

/** Throws `CliError`; `path` is where the text is. */
export function interpolateText(text: string, path: string, variables: Variables): string {
  const wrong = (what: string): CliError =>
    new CliError(
      `invalid interpolation format for ${path}: ${JSON.stringify(what)}; you may need to escape any $ with another $`,
    );
  return text.replaceAll(pattern, (...matched) => {
    const groups = matched.at(-1) as Readonly<Record<string, string | undefined>>;
    if (groups.escaped !== undefined) return '$';
    const expression = groups.named ?? groups.braced;
    if (expression === undefined) throw wrong(text);
    const [, name = '', operator, rest = ''] = /^([_a-z0-9]+)(:?[-?])?(.*)$/is.exec(expression) ?? [];
    const value = variables[name];
    const isMissing = value === undefined || (operator?.startsWith(':') === true && value === '');
    if (!isMissing) return value;
    if (operator?.endsWith('?')) throw wrong(`required variable ${name} is missing a value: ${rest}`);
    return operator === undefined ? '' : rest;
  });
}

/** Sections in which variables count. */
const sections = new Set(['services', 'volumes', 'networks', 'secrets', 'configs']);

/** The file with its variables; texts that had some are `Interpolated`. */
export function interpolate(
  file: Readonly<Record<string, unknown>>,
  variables: Variables,
): Readonly<Record<string, unknown>> {
  const walk = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') {
      const text = interpolateText(value, path, variables);
      return text === value ? value : new Interpolated(text);
    }
    if (Array.isArray(value)) return value.map((item: unknown) => walk(item, `${path}.[]`));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, walk(inner, `${path}.${key}`)]),
    );
  };
  return Object.fromEntries(
    Object.entries(file).map(([key, value]) => [key, sections.has(key) ? walk(value, key) : value]),
  );
}
