/** Parses the configuration file (`daemon.json`) and finds conflicts with the command line. */
import { messageOf } from '../errors.ts';
import { jsonProblem } from '../go/json-syntax.ts';
import { allSettings, type Use } from './arguments.ts';
import { idleKeys, type Setting } from './settings.ts';
import { withoutPassword } from './without-password.ts';

/** Values by the long name of the flag, and given keys that have no effect here. */
export interface FileContent {
  readonly values: ReadonlyMap<string, unknown>;
  readonly idleKeys: readonly string[];
}

const byKey = new Map(allSettings.map((setting) => [setting.key, setting]));
// Docker 27 and older have a single address under the singular key
const olderKeys: Readonly<Record<string, string>> = { 'host-gateway-ip': 'host-gateway-ips' };

/** A flat list of (key, value); only the nested keys of `proxies` are settings. */
function pairsOf(json: object): [string, unknown][] {
  return Object.entries(json).flatMap(([key, value]): [string, unknown][] => {
    if (key !== 'proxies' || typeof value !== 'object' || value === null) return [[key, value]];
    return Object.entries(value).map(([name, inner]): [string, unknown] => [`proxies.${name}`, inner]);
  });
}

const settingOf = (key: string): Setting<unknown> | undefined => byKey.get(olderKeys[key] ?? key);

/** Throws an `Error`, for a syntax error in Go's words. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new Error(jsonProblem(text) ?? messageOf(thrown));
  }
}

function parseJson(text: string): object {
  if (text.trim() === '') return {};
  const json = parsed(text);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error('json: the configuration must be an object');
  }
  return json;
}

/** A JSON value as Go's `%v` prints it, for Docker's conflict message. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([key, inner]) => `${key}:${shown(inner)}`).join(' ')}]`;
}

function flagShown(setting: Setting<unknown>, use: Use): string {
  const scalar = setting.kind.label !== 'list' && typeof use.value !== 'object';
  return scalar
    ? String(use.value)
    : Array.isArray(use.value) || setting.key.endsWith('s')
      ? `[${use.texts.join(' ')}]`
      : shown(use.value);
}

/**
 * Parses the text of a configuration file; `uses` are the flags that were given. Throws an `Error` in dockerd's
 * words for syntax errors, unknown keys, keys that were also given as flags, and values of the wrong type.
 */
export function readConfigFile(text: string, uses: ReadonlyMap<string, Use>): FileContent {
  const pairs = pairsOf(parseJson(text));
  const unknown = pairs
    .map(([key]) => key)
    .filter((key) => settingOf(key) === undefined && !idleKeys.includes(key));
  if (unknown.length > 0) {
    throw new Error(`the following directives don't match any configuration option: ${unknown.join(', ')}`);
  }
  const conflicts = pairs.flatMap(([key, value]) => {
    const setting = settingOf(key);
    const use = setting === undefined ? undefined : uses.get(setting.flag);
    if (setting === undefined || use === undefined) return [];
    const [flag, file] = [flagShown(setting, use), shown(value)].map(
      key.endsWith('-proxy') ? withoutPassword : String,
    );
    return [`${key}: (from flag: ${flag}, from file: ${file})`];
  });
  if (conflicts.length > 0) {
    throw new Error(
      `the following directives are specified both as a flag and in the configuration file: ${conflicts.join(', ')}`,
    );
  }
  return {
    values: valuesOf(pairs),
    idleKeys: pairs.map(([key]) => key).filter((key) => idleKeys.includes(key)),
  };
}

function valuesOf(pairs: readonly [string, unknown][]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const [key, json] of pairs) {
    const setting = settingOf(key);
    if (setting === undefined) continue;
    values.set(setting.flag, setting.kind.read(json, key));
  }
  return values;
}
