/** Lists of things, as Docker's client prints them: tables, templates, JSON lines, names only. */

import { CliError } from '../failure.ts';
import { compile } from '../template/evaluate.ts';
import type { TemplateFunction } from '../template/functions.ts';
import { isStruct, type Method, toJson, type Value } from '../template/values.ts';
import { alignColumns } from './tabwriter.ts';

/** One column of a list. */
export interface Column<T> {
  readonly header: string;
  readonly value: (item: T) => Value;
}

/** Columns by field name, as templates name them. Methods with arguments are columns too. */
export type Columns<T> = Readonly<Record<string, Column<T>>>;

export interface Listing<T> {
  readonly columns: Columns<T>;
  /** Of the plain table, `table {{.ID}}\t{{.Name}}`. */
  readonly table: string;
  /** Of `--quiet`, `{{.ID}}`. */
  readonly quiet?: string;
  /** As Go names the type; errors say it. */
  readonly type: string;
}

// In the header line a function gives back the header that it was given.
const headerFunctions: Readonly<Record<string, TemplateFunction>> = Object.fromEntries(
  ['json', 'title', 'lower', 'upper', 'truncate', 'pad', 'join', 'split', 'print'].map((name) => [
    name,
    (value: Value) => value,
  ]),
);

/** The text of a list. `format` is the user's: '', `table`, `table TEMPLATE`, `json` or a template. */
export function renderList<T>(
  listing: Listing<T>,
  items: readonly T[],
  asked: { readonly format: string; readonly quiet?: boolean },
): string {
  const format = formatOf(listing, asked);
  const isTable = format.startsWith('table');
  const source = (isTable ? format.slice('table'.length).trim() : format)
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
  const rows = items.map((item) => fieldsOf(listing.columns, item));
  const lacking = (field: string): string => `can't evaluate field ${field} in type ${listing.type}`;
  try {
    if (!isTable) return renderRows(source, rows, lacking);
    // The rows come first: a template that they refuse is their error, not the header's.
    const body = renderRows(source, rows, lacking);
    return alignColumns(`${renderHeader(source, listing)}\n${body}`);
  } catch (thrown) {
    const step = thrown instanceof Error && thrown.name === 'TemplateSyntaxError' ? 'parse' : 'execute';
    throw new CliError(
      `failed to ${step} template: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}

function formatOf<T>(
  listing: Listing<T>,
  asked: { readonly format: string; readonly quiet?: boolean },
): string {
  if (asked.format === 'json') return '{{json .}}';
  if (asked.format !== '' && asked.format !== 'table') return asked.format;
  return asked.quiet === true ? (listing.quiet ?? '{{.ID}}') : listing.table;
}

// a whole row is encoded by Go's json.Marshal, which escapes <, > and &; a single field is not
const rowFunctions: Readonly<Record<string, TemplateFunction>> = {
  json: (value: Value) =>
    isStruct(value)
      ? toJson(value).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)
      : toJson(value),
};

const renderRows = (source: string, rows: readonly Value[], lacking: (field: string) => string): string => {
  const template = compile(source, { lacking, functions: rowFunctions });
  return rows.map((row) => `${template(row)}\n`).join('');
};

function renderHeader<T>(source: string, listing: Listing<T>): string {
  const headers = new Map<string, Value>(
    Object.entries(listing.columns).map(([name, { header }]) => [
      name,
      header.startsWith('@') ? labelHeader : header,
    ]),
  );
  return compile(source, { functions: headerFunctions })(headers);
}

// The header of `{{.Label "com.example.a-b"}}` is the label's name.
const labelHeader: Method = (name) => {
  const words = String(name).split('.').at(-1) ?? '';
  return words.replaceAll(/[-_]/g, ' ').toLowerCase();
};

/** A row: fields sorted, as JSON has them; methods are left out of JSON by having no value. */
function fieldsOf<T>(columns: Columns<T>, item: T): Value {
  const names = Object.keys(columns).sort();
  return Object.fromEntries(
    names.map((name): [string, Value] => {
      const value = columns[name]?.value(item);
      return [name, value];
    }),
  );
}
