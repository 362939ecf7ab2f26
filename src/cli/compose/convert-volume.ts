/** From a volume of a service in a Compose file to a mount of its tasks. */
import { CliError } from '../failure.ts';
import type { Mount } from '../spec/mounts.ts';
import { type Namespace, numberOf, objectOf, textOf, textsOf } from './namespace.ts';
import type { JsonObject } from './yaml.ts';

export interface MountContext {
  /** The volumes that the file declares. */
  readonly volumes: JsonObject;
  readonly namespace: Namespace;
}

const kinds = ['bind', 'volume', 'tmpfs'];

/** Throws `CliError`. */
export function mountOf(own: JsonObject, context: MountContext): Mount {
  const type = textOf(own.type) || 'volume';
  if (![...kinds, 'npipe', 'cluster', 'image'].includes(type))
    throw new CliError('volume type must be volume, bind, tmpfs, npipe, or cluster');
  for (const kind of kinds)
    if (kind !== type && own[kind] !== undefined)
      throw new CliError(`${kind} options are incompatible with type ${type}`);
  const source = textOf(own.source);
  const mount: Mount = {
    Type: type,
    Source: source,
    Target: textOf(own.target),
    ReadOnly: own.read_only === true,
    Consistency: textOf(own.consistency),
  };
  if (type === 'volume') return source === '' ? mount : namedVolume(mount, own, context);
  if (type === 'bind') {
    if (source === '') throw new CliError('invalid bind source, source cannot be empty');
    const { propagation } = objectOf(own.bind);
    return own.bind === undefined ? mount : { ...mount, BindOptions: { Propagation: textOf(propagation) } };
  }
  if (type !== 'tmpfs') return mount;
  if (source !== '') throw new CliError('invalid tmpfs source, source must be empty');
  const { size } = objectOf(own.tmpfs);
  return own.tmpfs === undefined ? mount : { ...mount, TmpfsOptions: { SizeBytes: numberOf(size) } };
}

function namedVolume(mount: Mount, own: JsonObject, { volumes, namespace }: MountContext): Mount {
  const source = mount.Source ?? '';
  if (!Object.hasOwn(volumes, source)) throw new CliError(`undefined volume ${JSON.stringify(source)}`);
  const declared = objectOf(volumes[source]);
  const { nocopy, subpath } = objectOf(own.volume);
  const options = { NoCopy: nocopy === true, Subpath: textOf(subpath) };
  const Source = textOf(declared.name) || namespace.scope(source);
  if (declared.external !== undefined) return { ...mount, Source, VolumeOptions: options };
  const hasDriver = declared.driver !== undefined || declared.driver_opts !== undefined;
  const driver = { Name: textOf(declared.driver), Options: textsOf(declared.driver_opts) };
  return {
    ...mount,
    Source,
    VolumeOptions: {
      ...options,
      Labels: namespace.labels(declared.labels),
      ...(hasDriver ? { DriverConfig: driver } : {}),
    },
  };
}
