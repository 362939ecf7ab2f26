/** From the networks, secrets and configs of a Compose file to the bodies of requests. */
import { readFileSync } from 'node:fs';
import { CliError } from '../failure.ts';
import type { FileKind, FileReference } from '../swarm/file-references.ts';
import { listOf, type Namespace, numberOf, objectOf, textOf, textsOf } from './namespace.ts';
import type { Json, JsonObject } from './yaml.ts';

export interface StackNetworks {
  /** Bodies of create requests, by name. */
  readonly own: ReadonlyMap<string, object>;
  /** Names of those that must be there. */
  readonly external: readonly string[];
}

/** The networks that services use. */
export function networksOf(config: JsonObject, namespace: Namespace): StackNetworks {
  const declared = objectOf(config.networks);
  const used = Object.values(objectOf(config.services)).flatMap((service) => {
    const names = Object.keys(objectOf(objectOf(service).networks));
    return names.length === 0 ? ['default'] : names;
  });
  const own = new Map<string, object>();
  const external: string[] = [];
  for (const key of new Set(used)) {
    const network = objectOf(declared[key]);
    if (network.external !== undefined) external.push(textOf(network.name));
    else own.set(textOf(network.name) || namespace.scope(key), networkBody(network, namespace));
  }
  return { own, external };
}

function networkBody(own: JsonObject, namespace: Namespace): object {
  const ipam = objectOf(own.ipam);
  const pools = listOf(ipam.config).map((each) => ({ Subnet: textOf(objectOf(each).subnet) }));
  const hasIpam = ipam.driver !== undefined || pools.length > 0;
  return {
    Driver: textOf(own.driver) || 'overlay',
    Options: textsOf(own.driver_opts),
    Internal: own.internal === true,
    Attachable: own.attachable === true,
    Labels: namespace.labels(own.labels),
    ...(hasIpam ? { IPAM: { Driver: textOf(ipam.driver), Config: pools } } : {}),
  };
}

/** Bodies of create requests of secrets, or of configs; those that are external are left out. */
export function fileBodies(
  kind: FileKind,
  config: JsonObject,
  namespace: Namespace,
): readonly { readonly Name: string }[] {
  return Object.entries(objectOf(config[`${kind}s`])).flatMap(([key, value]) => {
    const own = objectOf(value);
    if (own.external !== undefined) return [];
    const driver = textOf(own.driver);
    const template = textOf(own.template_driver);
    return [
      {
        Name: textOf(own.name) || namespace.scope(key),
        Labels: namespace.labels(own.labels),
        ...(driver === ''
          ? { Data: dataOf(textOf(own.file)) }
          : { Driver: { Name: driver, Options: textsOf(own.driver_opts) } }),
        ...(template === '' ? {} : { Templating: { Name: template } }),
      },
    ];
  });
}

function dataOf(path: string): string {
  try {
    return readFileSync(path).toString('base64');
  } catch (cause) {
    throw new CliError(`open ${path}: no such file or directory`, { cause });
  }
}

/** The secrets or configs that a service names. */
export function fileReferences(
  kind: FileKind,
  { service, config, namespace }: { service: JsonObject; config: JsonObject; namespace: Namespace },
): FileReference[] {
  const declared = objectOf(config[`${kind}s`]);
  return listOf(service[`${kind}s`]).map((each: Json) => {
    const { source, target, uid, gid, mode } = objectOf(each);
    const key = textOf(source);
    if (!Object.hasOwn(declared, key)) throw new CliError(`undefined ${kind} ${JSON.stringify(key)}`);
    return {
      name: textOf(objectOf(declared[key]).name) || namespace.scope(key),
      file: {
        Name: textOf(target) || key,
        UID: textOf(uid) || '0',
        GID: textOf(gid) || '0',
        Mode: numberOf(mode) ?? 0o444,
      },
    };
  });
}
