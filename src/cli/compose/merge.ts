/** Several Compose files as one: later ones have their way. */
import { isObject, type Json, type JsonObject } from './yaml.ts';

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? (value as JsonObject) : {});

/** What tells the entries of these lists apart; others are put behind one another. */
const keys: Readonly<Record<string, string>> = {
  ports: 'published',
  secrets: 'source',
  configs: 'source',
  volumes: 'target',
};

/** Of these a later one takes the place of the earlier one. */
const replaced = new Set(['command', 'entrypoint', 'ulimits']);

const order = (a: Json | undefined, b: Json | undefined): number => {
  if (typeof a === 'number' || typeof b === 'number') return Number(a ?? 0) - Number(b ?? 0);
  return String(a ?? '') < String(b ?? '') ? -1 : 1;
};

function mergeLists(key: string, base: readonly Json[], override: readonly Json[]): Json {
  const by = keys[key];
  if (by === undefined) return [...base, ...override];
  const merged = new Map([...base, ...override].map((each) => [objectOf(each)[by], each]));
  return [...merged].sort(([a], [b]) => order(a, b)).map(([, each]) => each);
}

function mergeLogging(base: JsonObject, override: JsonObject): JsonObject {
  const isOther =
    base.driver !== undefined && override.driver !== undefined && base.driver !== override.driver;
  if (isOther) return override;
  return { ...base, ...override, options: { ...objectOf(base.options), ...objectOf(override.options) } };
}

function mergeValues(key: string, base: Json, override: Json): Json {
  if (Array.isArray(base) && Array.isArray(override) && !replaced.has(key))
    return mergeLists(key, base as Json[], override as Json[]);
  if (!isObject(base) || !isObject(override)) return override;
  const [one, other] = [base as JsonObject, override as JsonObject];
  return key === 'logging' ? mergeLogging(one, other) : mergeObjects(one, other);
}

function mergeObjects(base: JsonObject, override: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(override)) {
    const before = merged[key];
    merged[key] = before === undefined || before === null ? value : mergeValues(key, before, value);
  }
  return merged;
}

const sorted = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Services are merged field by field; other objects are replaced. */
export function mergeFiles(files: readonly JsonObject[]): JsonObject {
  const [first = {}, ...rest] = files;
  const merged: Record<string, Json> = { ...first };
  for (const override of rest) {
    for (const key of ['services', 'networks', 'volumes', 'secrets', 'configs']) {
      const [one, other] = [objectOf(merged[key]), objectOf(override[key])];
      const both = key === 'services' ? mergeObjects(one, other) : { ...one, ...other };
      if (Object.keys(both).length > 0) merged[key] = sorted(both);
    }
  }
  return merged;
}
