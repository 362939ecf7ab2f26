/** A flag of a command. */

import { bool, cut, int, type Kind, list, map, string } from '../../flags/kinds.ts';
import { parseDuration } from '../../go/duration.ts';
import { parseSize } from '../../go/size.ts';

export interface Flag<T> {
  /** Without dashes. */
  readonly name: string;
  readonly short?: string;
  readonly kind: Kind<T>;
  /** Its value if it is not given. */
  readonly initial: T;
  readonly help: string;
  readonly hidden?: boolean;
  /** Older names, that still work. */
  readonly also?: readonly string[];
  /** Values that completion offers. */
  readonly choices?: readonly string[];
}

/** By our own names for them. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The values of a command's flags. */
export type FlagValues<F extends Flags> = { readonly [N in keyof F]: F[N] extends Flag<infer T> ? T : never };

interface More {
  readonly short?: string;
  readonly hidden?: boolean;
  readonly also?: readonly string[];
  readonly choices?: readonly string[];
}

export function flag<T>(name: string, kind: Kind<T>, initial: T, help: string, more: More = {}): Flag<T> {
  return { name, kind, initial, help, ...more };
}

export const switchFlag = (name: string, help: string, more?: More): Flag<boolean> =>
  flag(name, bool, false, help, more);

/** On unless `--name=false`. */
export const onFlag = (name: string, help: string, more?: More): Flag<boolean> =>
  flag(name, bool, true, `${help} (default true)`, more);

export const textFlag = (
  name: string,
  help: string,
  more?: More & { initial?: string; label?: string },
): Flag<string> =>
  flag(
    name,
    string((text) => text, more?.label),
    more?.initial ?? '',
    help,
    more,
  );

export const intFlag = (name: string, help: string, more?: More & { initial?: number }): Flag<number> =>
  flag(name, int, more?.initial ?? 0, help, more);

export const listFlag = (
  name: string,
  help: string,
  more?: More & { label?: string },
): Flag<readonly string[]> =>
  flag(
    name,
    list((text) => text, more?.label),
    [],
    help,
    more,
  );

/** A list whose entries may also be given with commas. */
export const commaListFlag = (name: string, help: string, more?: More): Flag<readonly string[]> => {
  const kind: Kind<readonly string[]> = {
    ...list(),
    label: 'strings',
    parse: (text, before = []) => [...before, ...text.split(',')],
  };
  return flag(name, kind, [], help, more);
};

export const mapFlag = (name: string, help: string, more?: More): Flag<Readonly<Record<string, string>>> =>
  flag(name, map, {}, help, more);

const bytes: Kind<number> = {
  label: 'bytes',
  isSwitch: false,
  // `-1` lifts the limit of memory and swap together.
  parse: (text) => (text === '-1' ? -1 : parseSize(text)),
  read: int.read,
};

/** Bytes; 0 when not given. */
export const bytesFlag = (name: string, help: string, more?: More): Flag<number> =>
  flag(name, bytes, 0, help, more);

const duration: Kind<number> = { label: 'duration', isSwitch: false, parse: parseDuration, read: int.read };

/** Nanoseconds. */
export const durationFlag = (name: string, help: string, more?: More): Flag<number> =>
  flag(name, duration, 0, help, more);

/** A list, each entry checked and turned into something better as it is read. */
export function parsedListFlag<T>(
  name: string,
  parse: (text: string) => T,
  help: string,
  more?: More & { label?: string },
): Flag<readonly T[]> {
  const kind: Kind<readonly T[]> = {
    label: more?.label ?? 'list',
    isSwitch: false,
    parse: (text, before = []) => [...before, parse(text)],
    read: (json) => json as readonly T[],
  };
  return flag<readonly T[]>(name, kind, [], help, more);
}

/** `key=value` filters by key, in the API's form. */
export type Filters = Readonly<Record<string, readonly string[]>>;

const filters: Kind<Filters> = {
  label: 'filter',
  isSwitch: false,
  parse: (text, before = {}) => {
    const [key, value] = cut(text, '=');
    if (value === undefined) throw new Error('bad format of filter (expected name=value)');
    const name = key.trim().toLowerCase();
    return { ...before, [name]: [...(before[name] ?? []), value.trim()] };
  },
  read: (json) => json as Filters,
};

export const filterFlag = (help: string, more: More = { short: 'f' }): Flag<Filters> =>
  flag('filter', filters, {}, help, more);

export const formatFlag = (help: string, more?: More): Flag<string> => textFlag('format', help, more);
