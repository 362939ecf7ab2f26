/** Compose files as objects, and objects as YAML. */
import { Document, isMap, isScalar, parseDocument, type ScalarTag, visit } from 'yaml';
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

/** Texts that YAML 1.1 or 1.2 takes for something else when they stand bare. */
const ambiguous = new RegExp(
  [
    '|~|null|y|n|yes|no|on|off|true|false|<<|=',
    String.raw`[-+]?(\d[\d_]*\.?|\d*\.\d[\d_]*)(e[-+]?\d+)?`,
    String.raw`[-+]?\.inf|\.nan|[-+]?0[xob][\da-f_]+`,
    String.raw`[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?|\d{4}-\d\d?-\d\d?.*`,
  ]
    .map((each) => `^(${each})$`)
    .join('|'),
  'i',
);

/** As docker prints it: what is ambiguous is in double quotes, what cannot stand bare in single ones. */
export function yamlText(value: JsonObject): string {
  const document = new Document(value);
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && (ambiguous.test(node.value) || node.value.includes('\t')))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ indent: 2, indentSeq: true, lineWidth: 0, singleQuote: true, nullStr: 'null' });
}
