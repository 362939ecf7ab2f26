/**
 * The kinds of values of flags and settings: each parses a flag's text and the configuration file's JSON into the same
 * type. Errors have the words of Docker and Go.
 */

import { parseBool, parseIntegerOfAnyBase } from '../go/strconv.ts';

/** A kind of value. `T` is the type of a setting of this kind. */
export interface Kind<T> {
  /** Name of the value in `--help`; '' for switches. */
  readonly label: string;
  /** A switch needs no value (`--debug`); one may follow `=`. */
  readonly isSwitch: boolean;
  /** The value after one more use of the flag; `before` is the value of earlier uses. Throws an `Error`. */
  parse(text: string, before: T | undefined): T;
  /** The value from JSON; `key` names it in errors. Throws an `Error`. */
  read(json: unknown, key: string): T;
}

/** Checks a text and returns it normalised. Throws an `Error`. */
export type Check = (text: string) => string;

const jsonType = (json: unknown): string => {
  if (Array.isArray(json)) return 'array';
  if (json === null) return 'null';
  return typeof json === 'boolean' ? 'bool' : typeof json;
};

/** Docker's error for a value of the wrong JSON type. */
export function wrongType(json: unknown, key: string, goType: string): Error {
  return new Error(
    `json: cannot unmarshal ${jsonType(json)} into Go struct field Config.${key} of type ${goType}`,
  );
}

/** A JSON object's entries. */
export function entriesOf(json: unknown, key: string): [string, unknown][] {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw wrongType(json, key, 'map[string]string');
  return Object.entries(json);
}

export const bool: Kind<boolean> = {
  label: '',
  isSwitch: true,
  parse: (text) => parseBool(text),
  read: (json, key) => {
    if (typeof json !== 'boolean') throw wrongType(json, key, 'bool');
    return json;
  },
};

export const int: Kind<number> = {
  label: 'int',
  isSwitch: false,
  parse: parseIntegerOfAnyBase,
  read: (json, key) => {
    if (typeof json !== 'number' || !Number.isInteger(json)) throw wrongType(json, key, 'int');
    return json;
  },
};

/** A text that passes `check`. `label` is for `--help` (`string`, `ip`). */
export function string(check: Check = (text) => text, label = 'string'): Kind<string> {
  return {
    label,
    isSwitch: false,
    parse: (text) => check(text),
    read: (json, key) => {
      if (typeof json !== 'string') throw wrongType(json, key, 'string');
      return json === '' ? '' : check(json);
    },
  };
}

/** A flag that may be repeated; an array in the file. */
export function list(check: Check = (text) => text, label = 'list'): Kind<readonly string[]> {
  return {
    label,
    isSwitch: false,
    parse: (text, before = []) => [...before, check(text)],
    read: (json, key) => {
      if (!Array.isArray(json)) throw wrongType(json, key, '[]string');
      return json.map((item: unknown) => {
        if (typeof item !== 'string') throw wrongType(item, key, '[]string');
        return check(item);
      });
    },
  };
}

/** `key=value` pairs; an object of strings in the file. */
export const map: Kind<Readonly<Record<string, string>>> = {
  label: 'map',
  isSwitch: false,
  parse: (text, before = {}) => {
    const [key, value] = cut(text, '=');
    return { ...before, [key]: value ?? '' };
  },
  read: (json, key) =>
    Object.fromEntries(
      entriesOf(json, key).map(([name, value]) => {
        if (typeof value !== 'string') throw wrongType(value, key, 'string');
        return [name, value];
      }),
    ),
};

/** The parts before and after the first `separator`; the second is undefined where there is none. */
export function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
