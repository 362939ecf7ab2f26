/**
 * Readers of a Compose file's values: each checks one and brings it into the form that the rest works with. Docker checks by a
 * JSON schema first; errors have its words.
 */
import { formatDuration, parseDuration } from '../../go/duration.ts';
import { parseSize } from '../../go/size.ts';
import { parseBool } from '../../go/strconv.ts';
import { CliError } from '../failure.ts';
import { shellWords } from '../swarm/shell-words.ts';
import { Interpolated } from './interpolate.ts';
import { isObject, type Json, type JsonObject } from './yaml.ts';

/** Undefined leaves the field out. `path` names the value in errors. */
export type Reader<T extends Json = Json> = (value: unknown, path: string) => T | undefined;

const must = (path: string, what: string): CliError => new CliError(`${path} must be a ${what}`);

const plain = (value: unknown): unknown => (value instanceof Interpolated ? value.text : value);

export const text: Reader<string> = (value, path) => {
  const own = plain(value);
  if (typeof own !== 'string') throw must(path, 'string');
  return own === '' ? undefined : own;
};

/** A number where a text is fine too. */
export const textOrNumber: Reader<string> = (value, path) =>
  typeof value === 'number' ? String(value) : text(value, path);

const numberIn =
  (kind: 'integer' | 'number'): Reader<number> =>
  (value, path) => {
    const own =
      value instanceof Interpolated && /^-?\d+(\.\d+)?$/.test(value.text) ? Number(value.text) : value;
    if (typeof own !== 'number' || (kind === 'integer' && !Number.isInteger(own))) throw must(path, kind);
    return own;
  };

export const integer = numberIn('integer');
export const number = numberIn('number');

/** A number that says nothing when it is 0. */
export const count: Reader<number> = (value, path) => integer(value, path) || undefined;

/** False says nothing. */
export const truth: Reader<boolean> = (value, path) => flag(value, path) || undefined;

export const flag: Reader<boolean> = (value, path) => {
  if (value instanceof Interpolated) {
    try {
      return parseBool(value.text);
    } catch {
      throw must(path, 'boolean');
    }
  }
  if (typeof value !== 'boolean') throw must(path, 'boolean');
  return value;
};

/** As Go prints it: `1m30s` of `90s`. */
export const duration: Reader<string> = (value, path) => {
  try {
    return formatDuration(parseDuration(text(value, path) ?? '') / 1e6);
  } catch (thrown) {
    throw thrown instanceof CliError ? thrown : new CliError(`${path} Does not match format 'duration'`);
  }
};

/** `64M` as bytes. */
export const bytes: Reader<string> = (value, path) => {
  const own = textOrNumber(value, path);
  if (own === undefined) return undefined;
  try {
    return String(parseSize(own));
  } catch (thrown) {
    throw new CliError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
};

export const oneOf =
  (...allowed: readonly string[]): Reader<string> =>
  (value, path) => {
    const own = text(value, path) ?? '';
    if (!allowed.includes(own))
      throw new CliError(
        `${path} must be one of the following: ${allowed.map((each) => JSON.stringify(each)).join(', ')}`,
      );
    return own;
  };

/** Of each item; an empty list is left out. */
export const list =
  <T extends Json>(item: Reader<T>): Reader<readonly T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) throw must(path, 'list');
    const items = value.flatMap((each: unknown, at) => item(each, `${path}.${at}`) ?? []);
    return items.length === 0 ? undefined : (items as T[]);
  };

const exactText: Reader<string> = (value, path) => {
  const own = plain(value);
  if (typeof own !== 'string') throw must(path, 'string');
  return own;
};

export const texts = list(exactText);

/** A list without duplicates. */
export const uniqueTexts: Reader<readonly string[]> = (value, path) => {
  const items = texts(value, path);
  if (items !== undefined && new Set(items).size < items.length)
    throw new CliError(`${path} array items[0,1] must be unique`);
  return items;
};

/** One text, or several. */
export const textOrTexts: Reader<readonly string[]> = (value, path) => {
  const own = plain(value);
  return typeof own === 'string' ? [own] : texts(value, path);
};

/** A command in one text is split as a shell does. */
export const command: Reader<readonly string[]> = (value, path) => {
  const own = plain(value);
  if (typeof own === 'string') return shellWords(own);
  if (!Array.isArray(value)) throw must(path, 'string');
  return texts(value, path);
};

function shown(value: unknown, path: string): string {
  const own = plain(value);
  if (own === null || own === undefined) return '';
  if (typeof own !== 'string' && typeof own !== 'number') throw must(path, 'string, number or null');
  return String(own);
}

const sortedObject = <T extends Json>(
  entries: readonly (readonly [string, T])[],
): Readonly<Record<string, T>> => Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

function pairs(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (isObject(value) && !(value instanceof Interpolated)) return Object.entries(value);
  if (!Array.isArray(value)) throw must(path, 'mapping');
  return (texts(value, path) ?? []).map((each) => {
    const at = each.indexOf('=');
    return at < 0 ? [each, undefined] : [each.slice(0, at), each.slice(at + 1)];
  });
}

/** `key: value`, or a list of `key=value`. */
export const mapping: Reader<Readonly<Record<string, string>>> = (value, path) => {
  const entries = pairs(value, path).map(([key, own]): [string, string] => [
    key,
    shown(own, `${path}.${key}`),
  ]);
  return entries.length === 0 ? undefined : sortedObject(entries);
};

/** The same; a name without a value is null. */
export const variables: Reader<Readonly<Record<string, string | null>>> = (value, path) => {
  const entries = pairs(value, path).map(([key, own]): [string, string | null] => [
    key,
    own === undefined || own === null ? null : shown(own, `${path}.${key}`),
  ]);
  return entries.length === 0 ? undefined : sortedObject(entries);
};

/** `host: ip`, or a list of `host:ip` and `host=ip`; brackets around an address are taken off. */
export const hosts: Reader<readonly string[]> = (value, path) => {
  const found = Array.isArray(value)
    ? (texts(value, path) ?? []).flatMap((each) => {
        const [, host, ip] = /^([^=:]*)[=:](.*)$/.exec(each.replace(/^([^=]*)=/, '$1:')) ?? [];
        return host === undefined ? [] : [`${host}:${ip}`];
      })
    : pairs(value, path)
        .map(([host, ip]) => `${host}:${shown(ip, `${path}.${host}`)}`)
        .sort();
  return found.length === 0 ? undefined : found.map((each) => each.replace(/:\[(.+)\]$/, ':$1'));
};

export type Fields = Readonly<Record<string, Reader>>;

interface RecordOptions {
  /** Keep `x-...` fields. */
  readonly extensions?: boolean;
  /** Drop fields that are not known. */
  readonly open?: boolean;
  readonly required?: readonly string[];
}

/** A mapping with these fields alone, which come out in this order. */
export const record =
  (
    fields: Fields,
    { extensions = false, open = false, required = [] }: RecordOptions = {},
  ): Reader<JsonObject> =>
  (value, path) => {
    if (!isObject(value) || value instanceof Interpolated) throw must(path, 'mapping');
    const isExtension = (key: string): boolean => extensions && key.startsWith('x-');
    const odd = Object.keys(value).find((key) => !Object.hasOwn(fields, key) && !isExtension(key));
    if (odd !== undefined && !open) throw new CliError(`${path} Additional property ${odd} is not allowed`);
    const missing = required.find((key) => !Object.hasOwn(value, key));
    if (missing !== undefined) throw new CliError(`${path} ${missing} is required`);
    const own = Object.entries(fields).flatMap(([key, reader]) => {
      const read = Object.hasOwn(value, key) ? reader(value[key], `${path}.${key}`) : undefined;
      return read === undefined ? [] : [[key, read] as const];
    });
    return Object.fromEntries([...own, ...(extensions ? extras(value) : [])]);
  };

/** The `x-...` fields, as they are. */
export const extras = (value: Readonly<Record<string, unknown>>): [string, Json][] =>
  Object.entries(value)
    .filter(([key]) => key.startsWith('x-'))
    .map(([key, own]) => [key, bare(own)]);

/** Without marks of interpolation. */
function bare(value: unknown): Json {
  const own = plain(value);
  if (Array.isArray(own)) return own.map(bare);
  if (isObject(own)) return Object.fromEntries(Object.entries(own).map(([key, inner]) => [key, bare(inner)]));
  return own as Json;
}

/** Any names, each with such a value; sorted. */
export const named =
  (item: Reader, { whole = false } = {}): Reader<JsonObject> =>
  (value, path) => {
    if (!isObject(value) || value instanceof Interpolated) throw must(path, 'mapping');
    const entries = Object.entries(value).map(([key, inner]): [string, Json] => {
      if (!/^[a-zA-Z0-9._-]+$/.test(key) && !whole)
        throw new CliError(`${path} Additional property ${key} is not allowed`);
      return [key, item(inner, `${path}.${key}`) ?? {}];
    });
    return entries.length === 0 ? undefined : sortedObject(entries);
  };

/** Null is as good as an empty mapping. */
export const orEmpty =
  (reader: Reader): Reader =>
  (value, path) =>
    value === null ? {} : reader(value, path);

/** An empty mapping is left out. */
export const filled =
  (reader: Reader<JsonObject>): Reader =>
  (value, path) => {
    const read = reader(value, path);
    return read === undefined || Object.keys(read).length === 0 ? undefined : read;
  };
