/** Compose files as objects, and objects as YAML. */
import { isMap, isScalar, parseDocument, type ScalarTag, stringify, visit } from 'yaml';
import { CliError } from '../failure.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `0440`: octal, as YAML 1.1 had it and Compose files go on to write modes. */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0[0-7_]+$/,
  resolve: (text) => Number.parseInt(text.replaceAll('_', ''), 8),
};

/** A file's top-level mapping. Throws `CliError`. */
export function parseYaml(text: string): Readonly<Record<string, unknown>> {
  const document = parseDocument(text, { merge: true, customTags: (tags) => [octal, ...tags] });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? 1;
    throw new CliError(`yaml: line ${line}: ${error.message.split(/ at line |\n/)[0]}`);
  }
  visit(document, {
    Pair(_key, { key }) {
      // Of a merge key (`<<`) it is a symbol.
      if (isScalar(key) && !['string', 'symbol'].includes(typeof key.value))
        throw new CliError(`non-string key in a mapping: ${String(key.value)}`);
    },
  });
  if (!isMap(document.contents)) throw new CliError('top-level object must be a mapping');
  return document.toJS() as Readonly<Record<string, unknown>>;
}

/** As docker prints it, but for the kind of quotes. */
export function yamlText(value: JsonObject): string {
  return stringify(value, {
    indent: 2,
    indentSeq: true,
    lineWidth: 0,
    defaultStringType: 'PLAIN',
    singleQuote: false,
    version: '1.1',
    nullStr: 'null',
  });
}
