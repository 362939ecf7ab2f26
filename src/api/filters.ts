/** The `filters` parameter: Docker's two encodings, validation, and its ways of matching. */
import { fail } from '../errors.ts';

export interface Filters {
  has(key: string): boolean;
  /** The values of a key, in the order given; empty when it is not there. */
  values(key: string): readonly string[];
  /** True when the key is not there or one of its values equals the subject. */
  exactly(key: string, subject: string): boolean;
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
  return new Map(Object.entries(parsed).map(([key, value]) => [key, decodeValues(value)]));
}

/** `["a", "b"]` as old clients send it, `{"a": true, "b": true}` as newer ones do; the truth is not looked at. */
function decodeValues(value: unknown): readonly string[] {
  if (value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.keys(value);
  }
  throw fail('BAD_REQUEST', 'invalid filter');
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

function truth(key: string, values: readonly string[], otherwise: boolean): boolean {
  if (values.length === 0) return otherwise;
  const yes = values.some((value) => value === 'true' || value === '1');
  const no = values.some((value) => value === 'false' || value === '0');
  if (yes !== no) return yes;
  throw fail(
    'BAD_REQUEST',
    `invalid value for filter '${key}', must be "true" (or "1"), or "false" (or "0")`,
  );
}

/**
 * Read the `filters` parameter; '' means none. `allowed` are the keys that the route knows.
 * Throws BAD_REQUEST for anything else.
 */
export function parseFilters(text: string, allowed: readonly string[]): Filters {
  const all = decode(text);
  for (const key of all.keys()) {
    if (!allowed.includes(key)) throw fail('BAD_REQUEST', `invalid filter '${key}'`);
  }
  const values = (key: string): readonly string[] => all.get(key) ?? [];
  const some = (key: string, test: (value: string) => boolean): boolean =>
    values(key).length === 0 || values(key).some(test);
  return {
    has: (key) => values(key).length > 0,
    values,
    exactly: (key, subject) => some(key, (value) => value === subject),
    matches: (key, subject) => some(key, (value) => matchesPattern(value, subject)),
    labels: (key, labels) => values(key).every((wanted) => hasLabel(wanted, labels)),
    flag: (key, otherwise) => truth(key, values(key), otherwise),
  };
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
