/** Volumes of a service, in both forms. */
import { CliError } from '../failure.ts';
import { Interpolated } from './interpolate.ts';
import { count, filled, type Reader, record, text, truth } from './readers.ts';
import { isObject, type JsonObject } from './yaml.ts';

const long = record(
  {
    type: text,
    source: text,
    target: text,
    read_only: truth,
    consistency: text,
    bind: record({ propagation: text }, { open: true }),
    volume: record({ nocopy: truth, subpath: text }, { open: true }),
    image: record({ subpath: text }, { open: true }),
    tmpfs: filled(record({ size: count }, { open: true })),
  },
  { required: ['type'] },
);

const isPath = (source: string): boolean => /^[./~]/.test(source);
const propagations = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']);

/** `source:target:options`, `source:target` or `target`. Throws `CliError`. */
export function parseVolume(spec: string): JsonObject {
  if (spec === '') throw new CliError('invalid empty volume spec');
  const parts = spec.split(':');
  if (parts.includes('')) throw new CliError(`invalid spec: ${spec}: empty section between colons`);
  if (parts.length > 3) throw new CliError(`invalid spec: ${spec}: too many colons`);
  const [first = '', second, options = ''] = parts;
  if (second === undefined) return { type: 'volume', target: first };
  const words = options.split(',');
  const propagation = words.find((word) => propagations.has(word));
  return {
    type: isPath(first) ? 'bind' : 'volume',
    source: first,
    target: second,
    ...(words.includes('ro') ? { read_only: true } : {}),
    ...(propagation === undefined ? {} : { bind: { propagation } }),
    ...(words.includes('nocopy') ? { volume: { nocopy: true } } : {}),
  };
}

export const volume: Reader<JsonObject> = (value, path) => {
  const own = value instanceof Interpolated ? value.text : value;
  if (typeof own === 'string') return parseVolume(own);
  if (!isObject(own)) throw new CliError(`${path} must be a string`);
  return long(own, path);
};
