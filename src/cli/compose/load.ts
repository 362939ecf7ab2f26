/** Compose files from their names to one configuration. */
import { readFile as readText } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { textOf } from '#client/client.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import { readFile, versionOf } from './file.ts';
import { interpolate } from './interpolate.ts';
import { mergeFiles } from './merge.ts';
import { resolveFile } from './resolve.ts';
import { hostAddress } from './service.ts';
import { isObject, type JsonObject, parseYaml } from './yaml.ts';

const limits = 'Set resource limits using deploy.resources';

/** Of older versions of the format; a file with one of them is refused. */
const forbidden: Readonly<Record<string, string>> = {
  extends: 'Support for `extends` is not implemented yet.',
  volume_driver:
    'Instead of setting the volume driver on the service, define a volume using the top-level `volumes` option and specify the driver there.',
  volumes_from:
    'To share a volume between services, define it using the top-level `volumes` option and reference it from each service that shares it using the service-level `volumes` option.',
  cpu_quota: limits,
  cpu_shares: limits,
  cpuset: limits,
  mem_limit: limits,
  memswap_limit: limits,
};

/** Of single containers; a swarm has nothing for them. */
const unsupported =
  'build cgroupns_mode cgroup_parent devices domainname external_links ipc links mac_address network_mode pid privileged restart security_opt shm_size userns_mode'.split(
    ' ',
  );

const deprecated: Readonly<Record<string, string>> = {
  container_name: 'Setting the container name is not supported.',
  expose:
    "Exposing ports is unnecessary - services on the same network can access each other's containers on any port.",
};

type Raw = Readonly<Record<string, unknown>>;

/** The names of these fields that any service has, sorted. */
function used(files: readonly Raw[], names: readonly string[]): string[] {
  const services = files.flatMap(({ services: own }) => (isObject(own) ? Object.values(own) : []));
  return names
    .filter((name) => services.some((service) => isObject(service) && Object.hasOwn(service, name)))
    .sort();
}

const described = (texts: Readonly<Record<string, string>>, names: readonly string[]): string =>
  names.map((name) => `${name}: ${texts[name]}`).join('\n\n');

export interface Loaded {
  readonly config: JsonObject;
  /** What docker says of fields that have no effect. */
  readonly warnings: readonly string[];
}

export interface LoadOptions {
  readonly skipInterpolation?: boolean;
  /** `stack config` names forbidden fields in other words than `stack deploy`. */
  readonly explain?: boolean;
}

async function textOfFile(context: Context, name: string): Promise<string> {
  if (name === '-') return textOf(context.stdin);
  try {
    return await readText(name, 'utf8');
  } catch (cause) {
    throw new CliError(`open ${name}: no such file or directory`, { cause });
  }
}

/** Read, check and merge them. Throws `CliError`. */
export async function loadCompose(
  context: Context,
  names: readonly string[],
  { skipInterpolation = false, explain = false }: LoadOptions = {},
): Promise<Loaded> {
  const [first] = names;
  if (first === undefined) throw new CliError('Specify a Compose file (with --compose-file)');
  const raw: Raw[] = [];
  for (const name of names) raw.push(parseYaml(await textOfFile(context, name)));
  const folder = first === '-' ? process.cwd() : dirname(resolve(first));
  const files: JsonObject[] = [];
  const version = versionOf(raw[0] ?? {});
  for (const file of raw) {
    const own = versionOf(file);
    if (own !== version)
      throw new CliError(`version mismatched between two composefiles : ${version} and ${own}`);
    checkForbidden(file, explain);
    const whole = skipInterpolation ? file : interpolate(file, context.env);
    files.push(resolveFile(readFile(whole), { folder, variables: context.env }));
  }
  // Reading it once more brings all fields into their order.
  return { config: readFile(mergeFiles(files)), warnings: warningsOf(raw) };
}

function checkForbidden(file: Raw, explain: boolean): void {
  const names = used([file], Object.keys(forbidden));
  if (names.length === 0) return;
  throw new CliError(
    explain
      ? `Compose file contains unsupported options:\n\n${described(forbidden, names)}\n`
      : 'Configuration contains forbidden properties',
  );
}

/** Ports with an address of the host, which has no effect. */
const listening = (files: readonly Raw[]): string[] =>
  files
    .flatMap(({ services }) => (isObject(services) ? Object.values(services) : []))
    .flatMap((service) => (isObject(service) && Array.isArray(service.ports) ? service.ports : []))
    .filter((port: unknown) => typeof port === 'string' && hostAddress.test(port))
    .map((port) => `ignoring IP-address (${port}) service will listen on '0.0.0.0'`);

function warningsOf(files: readonly Raw[]): string[] {
  const ignored = used(files, unsupported);
  const old = used(files, Object.keys(deprecated));
  return [
    ...listening(files),
    ...(ignored.length > 0 ? [`Ignoring unsupported options: ${ignored.join(', ')}\n`] : []),
    ...(old.length > 0 ? [`Ignoring deprecated options:\n\n${described(deprecated, old)}\n`] : []),
  ];
}
