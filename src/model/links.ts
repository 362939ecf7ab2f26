/** Legacy links (`--link source:alias`) on the default bridge: who, and the environment they bring. */
import { fail, SeawayError } from '../errors.ts';
import type { Container, HostConfig } from './container.ts';
import { bare, ownAddress } from './leases.ts';
import { parsePort } from './ports.ts';
import { findContainer } from './references.ts';
import type { View } from './tables.ts';

export interface Link {
  readonly source: Container;
  readonly alias: string;
}

/** `name`, `name:alias` or `/name:/recipient/alias`. Throws in Docker's words if there is no such source. */
export function parseLink(view: View, spec: string): Link {
  const bareName = (spec.split(':')[0] ?? '').replace(/^\//, '');
  try {
    return { source: findContainer(view, bareName), alias: aliasOf(spec) };
  } catch (error) {
    if (!(error instanceof SeawayError)) throw error;
    throw fail('CONTAINER_CONFIG_INVALID', `could not get container for ${bareName}: ${error.message}`);
  }
}

/** What the recipient calls the source. */
export const aliasOf = (spec: string): string => {
  const [name = '', path = ''] = spec.split(':');
  return path.split('/').pop() || name.replace(/^\//, '');
};

/** The container without its links of that alias. */
export const withoutLink = (container: Container, alias: string): Container => {
  const left = (container.hostConfig.Links ?? []).filter((spec) => aliasOf(spec) !== alias);
  const hostConfig = { ...container.hostConfig, Links: left.length > 0 ? left : null };
  return { ...container, hostConfig };
};

/** On a network of the user's a link is an alias of the source there and nothing more. */
export const hasLegacyLinks = ({ NetworkMode }: Pick<HostConfig, 'NetworkMode'>): boolean =>
  NetworkMode === 'bridge' || NetworkMode === 'default';

/** The legacy links of a container whose sources are still there. */
export function linksOf(view: View, container: Container): readonly Link[] {
  if (!hasLegacyLinks(container.hostConfig)) return [];
  return (container.hostConfig.Links ?? []).flatMap((spec) => {
    try {
      return [parseLink(view, spec)];
    } catch {
      return [];
    }
  });
}

/** The source's address on the default bridge, '' while it has none. */
export function linkedAddress(view: View, { source }: Link): string {
  const sandbox = view.sandboxOfContainer(source.id);
  for (const endpoint of sandbox ? view.endpointsOfSandbox(sandbox.id) : []) {
    if (!view.get('networks', endpoint.networkId)?.predefined) continue;
    const address = ownAddress(endpoint, 4);
    if (address) return bare(address);
  }
  return '';
}

/** Variables that the source would have had from the shell alone; not passed on (as Docker). */
const notPassedOn = new Set(['HOME', 'PATH']);

/** `ALIAS_NAME`, `ALIAS_PORT...`, `ALIAS_ENV_...`: see Docker's "Legacy container links". */
export function linkEnvironment(view: View, recipient: Container): readonly string[] {
  return linksOf(view, recipient).flatMap((link) => {
    const address = linkedAddress(view, link);
    if (!address) return [];
    const prefix = link.alias.toUpperCase().replaceAll('-', '_');
    const ports = Object.keys(link.source.config.ExposedPorts ?? {})
      .map(parsePort)
      .sort((a, b) => a.containerPort - b.containerPort || (a.protocol < b.protocol ? -1 : 1));
    const url = (port: (typeof ports)[number]): string =>
      `${port.protocol}://${address}:${port.containerPort}`;
    const [first] = ports;
    return [
      `${prefix}_NAME=/${recipient.name}/${link.alias}`,
      ...(first ? [`${prefix}_PORT=${url(first)}`] : []),
      ...ports.flatMap((port) => {
        const name = `${prefix}_PORT_${port.containerPort}_${port.protocol.toUpperCase()}`;
        return [
          `${name}=${url(port)}`,
          `${name}_ADDR=${address}`,
          `${name}_PORT=${port.containerPort}`,
          `${name}_PROTO=${port.protocol}`,
        ];
      }),
      ...link.source.config.Env.filter((entry) => !notPassedOn.has(entry.split('=')[0] ?? '')).map(
        (entry) => `${prefix}_ENV_${entry}`,
      ),
    ];
  });
}
