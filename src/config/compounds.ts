/** Kinds of values whose syntax differs between the command line and the configuration file. */

import { cut, entriesOf, int, type Kind, list, wrongType } from '../flags/kinds.ts';
import { parseUlimit, type Ulimit } from '../flags/ulimit.ts';
import { parseSize } from '../go/size.ts';
import { parseBool } from '../go/strconv.ts';
import { width } from '../net/family.ts';
import { familyOfCidr, ipAddress, prefixLength } from './checks.ts';
import type { AddressPool, RuntimeConfig } from './config.ts';

const textOf = (json: unknown, key: string): string => {
  if (typeof json !== 'string') throw wrongType(json, key, 'string');
  return json;
};

/** Checks a pool: a CIDR, and a prefix length that is not shorter than its own. */
export function addressPool(base: string, size: number): AddressPool {
  let family: 4 | 6;
  try {
    family = familyOfCidr(base);
  } catch {
    throw new Error(`invalid base pool "${base}": invalid CIDR address: ${base}`);
  }
  if (size < prefixLength(base) || size > width(family)) {
    throw new Error(`invalid default address pool: size ${size} does not fit ${base}`);
  }
  return { base, size };
}

function poolOfText(text: string): AddressPool {
  const fields = new Map<string, string>();
  for (const field of text.split(',')) {
    const [key, value] = cut(field, '=');
    if (value === undefined) throw new Error(`invalid field '${field}' must be a key=value pair`);
    const name = key.trim().toLowerCase();
    if (name !== 'base' && name !== 'size') throw new Error(`unexpected key '${key}' in '${field}'`);
    fields.set(name, value.trim());
  }
  const size = fields.get('size') ?? '0';
  if (!/^\d+$/.test(size)) throw new Error(`invalid size value: ${size} (must be integer)`);
  return addressPool(fields.get('base') ?? '', Number(size));
}

/** `base=10.0.0.0/8,size=24`; `[{"base": ..., "size": ...}]`. */
export const pools: Kind<readonly AddressPool[]> = {
  label: 'pool-options',
  isSwitch: false,
  parse: (text, before = []) => [...before, poolOfText(text)],
  read: (json, key) => {
    if (!Array.isArray(json)) throw wrongType(json, key, '[]*ipamutils.NetworkToSplit');
    return json.map((item: unknown) => {
      const pool = Object.fromEntries(entriesOf(item, key));
      return addressPool(textOf(pool.base ?? '', `${key}.base`), int.read(pool.size ?? 0, `${key}.size`));
    });
  },
};

/** A later ulimit replaces an earlier one of the same name. */
export const ulimits: Kind<readonly Ulimit[]> = {
  label: 'ulimit',
  isSwitch: false,
  parse: (text, before = []) => {
    const limit = parseUlimit(text);
    return [...before.filter(({ name }) => name !== limit.name), limit];
  },
  read: (json, key) =>
    entriesOf(json, key).map(([name, value]) => {
      const limit = Object.fromEntries(entriesOf(value, key));
      return parseUlimit(
        `${name}=${int.read(limit.Soft ?? 0, `${key}.Soft`)}:${int.read(limit.Hard ?? 0, `${key}.Hard`)}`,
      );
    }),
};

/** `name=/path`; `{"name": {"path": ..., "runtimeArgs": [...]}}`. */
export const runtimes: Kind<Readonly<Record<string, RuntimeConfig>>> = {
  label: 'runtime',
  isSwitch: false,
  parse: (text, before = {}) => {
    const [name, path] = cut(text, '=');
    if (name.trim() === '' || path === undefined || path.trim() === '')
      throw new Error(`invalid runtime argument: ${text}`);
    if (Object.hasOwn(before, name.trim())) throw new Error(`runtime '${name}' was already defined`);
    return { ...before, [name.trim()]: { path: path.trim(), args: [] } };
  },
  read: (json, key) =>
    Object.fromEntries(
      entriesOf(json, key).map(([name, value]) => {
        const runtime = Object.fromEntries(entriesOf(value, key));
        const args = list().read(runtime.runtimeArgs ?? [], `${key}.runtimeArgs`);
        return [name, { path: textOf(runtime.path ?? '', `${key}.path`), args }];
      }),
    ),
};

/** `driver=option=value`; `{"driver": {"option": "value"}}`. */
export const networkOpts: Kind<Readonly<Record<string, Readonly<Record<string, string>>>>> = {
  label: 'mapmap',
  isSwitch: false,
  parse: (text, before = {}) => {
    const [driver, option] = cut(text, '=');
    const [key, value] = cut(option ?? '', '=');
    if (driver === '' || value === undefined)
      throw new Error(`invalid value "${text}": should be in the form driver=option=value`);
    return { ...before, [driver]: { ...before[driver], [key]: value } };
  },
  read: (json, key) =>
    Object.fromEntries(
      entriesOf(json, key).map(([driver, options]) => [
        driver,
        Object.fromEntries(entriesOf(options, key).map(([name, value]) => [name, textOf(value, key)])),
      ]),
    ),
};

/** `name[=bool]`; `{"name": true}`. */
export const features: Kind<Readonly<Record<string, boolean>>> = {
  label: 'map',
  isSwitch: false,
  parse: (text, before = {}) => {
    const [name, value] = cut(text, '=');
    return { ...before, [name]: value === undefined ? true : parseBool(value) };
  },
  read: (json, key) =>
    Object.fromEntries(
      entriesOf(json, key).map(([name, value]) => {
        if (typeof value !== 'boolean') throw wrongType(value, key, 'bool');
        return [name, value];
      }),
    ),
};

/** `64m`; `"64M"` or a number of bytes. */
export const bytes: Kind<number> = {
  label: 'bytes',
  isSwitch: false,
  parse: parseSize,
  read: (json, key) => (typeof json === 'number' ? int.read(json, key) : parseSize(textOf(json, key))),
};

/** Addresses, comma-separated or in repeated flags; a string or an array in the file. */
export const addresses: Kind<readonly string[]> = {
  label: 'list',
  isSwitch: false,
  parse: (text, before = []) => [...before, ...text.split(',').map(ipAddress)],
  read: (json, key) =>
    typeof json === 'string'
      ? json === ''
        ? []
        : json.split(',').map(ipAddress)
      : list(ipAddress).read(json, key),
};
