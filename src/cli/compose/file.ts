/** The top level of a Compose file. */
import { CliError } from '../failure.ts';
import {
  extras,
  filled,
  flag,
  list,
  mapping,
  named,
  orEmpty,
  type Reader,
  record,
  text,
  truth,
} from './readers.ts';
import { service } from './service.ts';
import { isObject, type Json, type JsonObject } from './yaml.ts';

/** `true`, or the older form with a name. */
const external: Reader = (value, path) => {
  if (typeof value === 'boolean') return value || undefined;
  if (isObject(value)) return { name: text(value.name ?? '', `${path}.name`) ?? '' };
  return flag(value, path) || undefined;
};

const network = orEmpty(
  record(
    {
      name: text,
      driver: text,
      driver_opts: mapping,
      ipam: filled(record({ driver: text, config: list(record({ subnet: text })) })),
      external,
      internal: truth,
      attachable: truth,
      labels: mapping,
    },
    { extensions: true },
  ),
);

const volume = orEmpty(
  record({ name: text, driver: text, driver_opts: mapping, external, labels: mapping }, { extensions: true }),
);

const fileObject = record(
  {
    name: text,
    file: text,
    external,
    labels: mapping,
    driver: text,
    driver_opts: mapping,
    template_driver: text,
  },
  { extensions: true },
);

const sections: Readonly<Record<string, Reader>> = {
  services: named(service),
  networks: named(network),
  volumes: named(volume),
  secrets: named(fileObject),
  configs: named(fileObject),
};

/** The newest version of the format; others of 3 are read as it. */
const newest = '3.13';

export function versionOf({ version }: Readonly<Record<string, unknown>>): string {
  if (version === undefined || version === '' || version === '3') return newest;
  if (typeof version !== 'string') throw new CliError('version must be a string');
  if (!/^3\.(\d|1[0-3])$/.test(version)) throw new CliError(`unsupported Compose file version: ${version}`);
  return version;
}

/** Check a file and bring it into its long form. Throws `CliError`. */
export function readFile(file: Readonly<Record<string, unknown>>): JsonObject {
  const known = new Set(['version', ...Object.keys(sections)]);
  const odd = Object.keys(file).find((key) => !known.has(key) && !key.startsWith('x-'));
  if (odd !== undefined) throw new CliError(`(root) Additional property ${odd} is not allowed`);
  const read = Object.entries(sections).flatMap(([key, reader]): [string, Json][] => {
    const own = file[key];
    if (own === undefined) return [];
    const value = reader(own, key);
    return value === undefined ? [] : [[key, value]];
  });
  return {
    version: versionOf(file),
    services: {},
    ...Object.fromEntries(read),
    ...Object.fromEntries(extras(file)),
  };
}
