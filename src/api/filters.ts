/** The `filters` parameter: Docker's two encodings, validation, and its ways of matching. */
import { fail } from '../errors.ts';

export interface Filters {
  readonly keys: readonly string[];
  has(key: string): boolean;
  /** Whether the key exists, even without a value. */
  names(key: string): boolean;
  /** The values of a key, in the order given; empty when it is not there. */
  values(key: string): readonly string[];
  /** True when the key is not there or one of its values equals the subject. */
  exactly(key: string, subject: string): boolean;
  /** As `exactly`, but the subject need only begin with the value. */
  begins(key: string, subject: string): boolean;
  /** As `exactly`, but each value is a regular expression that matches anywhere in the subject. */
  matches(key: string, subject: string): boolean;
  /** True when every value (`name` or `name=value`) is among the labels. */
  labels(key: string, labels: Readonly<Record<string, string>>): boolean;
  /** The truth value of a key. Throws BAD_REQUEST for anything but true, 1, false, 0. */
  flag(key: string, otherwise: boolean): boolean;
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail('BAD_REQUEST', 'invalid filter');
  }
}

function decode(text: string): Map<string, readonly string[]> {
  if (text === '') return new Map();
  const parsed = parsedOf(text);
  if (parsed === null) return new Map();
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw fail('BAD_REQUEST', 'invalid filter');
  const entries = Object.entries(parsed);
  const read = [setValues, listValues].find((form) => entries.every(([, value]) => form(value)));
  if (!read) throw fail('BAD_REQUEST', 'invalid filter');
  return new Map(entries.map(([key, value]) => [key, read(value) ?? []]));
}

/** `{"a": true, "b": true}`, as clients send it now; whether it is true or false is not looked at. */
function setValues(value: unknown): readonly string[] | undefined {
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  const isSet = Object.values(value).every((held) => typeof held === 'boolean' || held === null);
  return isSet ? Object.keys(value) : undefined;
}

/** `["a", "b"]`, as old clients send it. */
function listValues(value: unknown): readonly string[] | undefined {
  if (value === null) return [];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** Like Go's regexp.MatchString, falling back to equality when the value is no regular expression. */
export function matchesPattern(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  if (/^[\w\-/]*$/.test(pattern)) return subject.includes(pattern);
  try {
    return new RegExp(pattern).test(subject);
  } catch {
    return false;
  }
}

/** Does a label filter (`name` or `name=value`) hold? */
function hasLabel(wanted: string, labels: Readonly<Record<string, string>>): boolean {
  const at = wanted.indexOf('=');
  const name = at < 0 ? wanted : wanted.slice(0, at);
  return Object.hasOwn(labels, name) && (at < 0 || labels[name] === wanted.slice(at + 1));
}

/** Docker's words for a filter that has no value, or a wrong one. */
export const invalidFilter = (key: string, values: readonly string[]): Error =>
  fail('BAD_REQUEST', `invalid filter '${key}${values.length > 0 ? `=[${values.join(' ')}]` : ''}'`);

function truth(key: string, values: readonly string[]): boolean {
  const yes = values.some((value) => value === 'true' || value === '1');
  const no = values.some((value) => value === 'false' || value === '0');
  if (yes === no) throw invalidFilter(key, values);
  return yes;
}

/**
 * Read the `filters` parameter; '' means none. `allowed` are the keys that the route knows; any key where
 * it is undefined. Throws BAD_REQUEST for anything else.
 */
export function parseFilters(text: string, allowed?: readonly string[]): Filters {
  const all = decode(text);
  const values = (key: string): readonly string[] => all.get(key) ?? [];
  const some = (key: string, test: (value: string) => boolean): boolean =>
    values(key).length === 0 || values(key).some(test);
  const filters: Filters = {
    keys: [...all.keys()],
    has: (key) => values(key).length > 0,
    names: (key) => all.has(key),
    values,
    exactly: (key, subject) => some(key, (value) => value === subject),
    begins: (key, subject) => some(key, (value) => subject.startsWith(value)),
    matches: (key, subject) => some(key, (value) => matchesPattern(value, subject)),
    labels: (key, labels) => values(key).every((wanted) => hasLabel(wanted, labels)),
    flag: (key, otherwise) => (all.has(key) ? truth(key, values(key)) : otherwise),
  };
  if (allowed) refuseUnknown(filters, allowed);
  return filters;
}

/** Throws BAD_REQUEST for a key that the route does not know. */
export function refuseUnknown(filters: Filters, allowed: readonly string[]): void {
  const unknown = filters.keys.find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw fail('BAD_REQUEST', `invalid filter '${unknown}'`);
}

/** The filters that all prune verbs share: `label` must hold, `label!` must not, and `until` is a time. */
export function parsePruneFilters(text: string, extra: readonly string[]): Filters {
  return parseFilters(text, ['label', 'label!', ...extra]);
}

/** Do a record's labels pass the `label` and `label!` filters of a prune? */
export function passesLabels(filters: Filters, labels: Readonly<Record<string, string>>): boolean {
  return (
    filters.labels('label', labels) && !filters.values('label!').some((label) => hasLabel(label, labels))
  );
}
