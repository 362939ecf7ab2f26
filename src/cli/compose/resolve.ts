/** What a Compose file says by way of its surroundings: variables, files with variables, paths, external objects. */
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { CliError } from '../failure.ts';
import type { Variables } from './interpolate.ts';
import { isObject, type Json, type JsonObject } from './yaml.ts';

export interface Surroundings {
  /** The folder that paths begin at. */
  readonly folder: string;
  readonly variables: Variables;
}

const absolute = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path));

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? (value as JsonObject) : {});

const mapValues = (
  value: Json | undefined,
  change: (own: JsonObject, name: string) => JsonObject,
): JsonObject =>
  Object.fromEntries(
    Object.entries(objectOf(value)).map(([name, own]) => [name, change(objectOf(own), name)]),
  );

export function resolveFile(file: JsonObject, around: Surroundings): JsonObject {
  const resolvers: Readonly<Record<string, (own: JsonObject, name: string) => JsonObject>> = {
    services: (own) => resolveService(own, around),
    networks: (own, name) => resolveExternal('network', name, own),
    volumes: (own, name) => resolveVolume(name, own),
    secrets: (own, name) => resolveObject('secret', name, { own, around }),
    configs: (own, name) => resolveObject('config', name, { own, around }),
  };
  return Object.fromEntries(
    Object.entries(file).map(([key, value]) => {
      const change = Object.hasOwn(resolvers, key) ? resolvers[key] : undefined;
      return [key, change === undefined ? value : mapValues(value, change)];
    }),
  );
}

function resolveService(own: JsonObject, around: Surroundings): JsonObject {
  const environment = environmentOf(own, around);
  const volumes = Array.isArray(own.volumes)
    ? own.volumes.map((each: Json) => resolveMount(objectOf(each), around))
    : undefined;
  const changed: JsonObject = { ...own, ...(volumes === undefined ? {} : { volumes }) };
  // What a file of variables says is in `environment` now.
  const { env_file: _file, ...rest } = changed;
  return Object.keys(environment).length === 0 ? rest : { ...rest, environment };
}

/** Variables of files, then those of the service; one without a value takes that of our own environment. */
function environmentOf(own: JsonObject, { folder, variables }: Surroundings): JsonObject {
  const found: Record<string, Json> = {};
  const add = (name: string, value: Json): void => {
    const mine = variables[name];
    found[name] = (value === null || value === '') && mine !== undefined ? mine : value;
  };
  const files = Array.isArray(own.env_file) ? own.env_file : [];
  for (const file of files) {
    for (const [name, value] of variablesOfFile(absolute(folder, String(file)), variables)) add(name, value);
  }
  for (const [name, value] of Object.entries(objectOf(own.environment))) add(name, value);
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function variablesOfFile(path: string, variables: Variables): [string, string][] {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliError(`open ${path}: no such file or directory`, { cause });
  }
  return content.split('\n').flatMap((line): [string, string][] => {
    const text = line.replace(/\r$/, '').trimStart();
    if (text === '' || text.startsWith('#')) return [];
    const at = text.indexOf('=');
    const name = at < 0 ? text.trim() : text.slice(0, at);
    if (/\s/.test(name))
      throw new CliError(`invalid env file (${path}): variable '${name}' contains whitespaces`);
    if (at >= 0) return [[name, text.slice(at + 1)]];
    const mine = variables[name];
    return mine === undefined ? [] : [[name, mine]];
  });
}

function resolveMount(own: JsonObject, { folder, variables }: Surroundings): JsonObject {
  if (own.type !== 'bind') return own;
  const source = String(own.source ?? '');
  if (source === '')
    throw new CliError('invalid mount config for type "bind": field Source must not be empty');
  const home = variables.HOME;
  const expanded = source.startsWith('~') && home !== undefined ? source.replace('~', home) : source;
  return { ...own, source: absolute(folder, expanded) };
}

/** An external object goes by its own name, or by one that is given. */
function resolveExternal(kind: string, name: string, own: JsonObject): JsonObject {
  const { external } = own;
  if (external === undefined) return own;
  const older = isObject(external) ? String(external.name ?? '') : '';
  if (older !== '' && own.name !== undefined)
    throw new CliError(
      `${kind} ${name}: ${kind}.external.name and ${kind}.name conflict; only use ${kind}.name`,
    );
  const { name: given, ...rest } = own;
  return { name: older || (given ?? name), ...rest, external: true };
}

function resolveVolume(name: string, own: JsonObject): JsonObject {
  if (own.external !== undefined)
    for (const key of ['driver', 'driver_opts', 'labels'])
      if (own[key] !== undefined)
        throw new CliError(`conflicting parameters "external" and "${key}" specified for volume "${name}"`);
  return resolveExternal('volume', name, own);
}

function resolveObject(
  kind: string,
  name: string,
  { own, around }: { readonly own: JsonObject; readonly around: Surroundings },
): JsonObject {
  if (own.external !== undefined) return resolveExternal(kind, name, own);
  if (own.driver !== undefined) {
    if (own.file !== undefined)
      throw new CliError(
        `${kind} ${name}: ${kind}.driver and ${kind}.file conflict; only use ${kind}.driver`,
      );
    return own;
  }
  const { name: given, file, ...rest } = own;
  return {
    ...(given === undefined ? {} : { name: given }),
    file: absolute(around.folder, String(file ?? '')),
    ...rest,
  };
}
