/** Legacy links (`--link source:alias`) on the default bridge, and their environment. */

import { fail, SeawayError } from '../errors.ts';
import { bare } from '../net/address.ts';
import type { Container, HostConfig, LegacyLink } from './container.ts';
import { ownAddress } from './leases.ts';
import { parsePort } from './port-specs.ts';
import { asNetworkName, defaultNetwork } from './predefined-names.ts';
import { findContainer } from './references.ts';
import type { Change, View } from './tables.ts';

export interface Link {
  readonly source: Container;
  readonly alias: string;
}

/**
 * `name`, `name:alias` or `/name:/recipient/alias`. Throws in Docker's words if there is no such source. One that
 * shares another's network stands for that one.
 */
export function parseLink(view: View, spec: string): Link {
  const bareName = (spec.split(':')[0] ?? '').replace(/^\//, '');
  try {
    let source = findContainer(view, bareName);
    for (let left = mostShared; source.hostConfig.NetworkMode.startsWith(sharing) && left > 0; left--)
      source = findContainer(view, source.hostConfig.NetworkMode.slice(sharing.length));
    return { source, alias: aliasOf(spec) };
  } catch (error) {
    if (!(error instanceof SeawayError)) throw error;
    throw fail('CONTAINER_CONFIG_INVALID', `could not get container for ${bareName}: ${error.message}`);
  }
}

const sharing = 'container:';
/** Containers that each have the network of the next; records in a ring would have no end. */
const mostShared = 16;

/** The recipient's name for the source. */
export const aliasOf = (spec: string): string => {
  const [name = '', path = ''] = spec.split(':');
  return path.split('/').pop() || name.replace(/^\//, '');
};

/** The container without its links of that alias. */
export const withoutLink = (container: Container, alias: string): Container => {
  const left = (container.hostConfig.Links ?? []).filter((spec) => aliasOf(spec) !== alias);
  const hostConfig = { ...container.hostConfig, Links: left.length > 0 ? left : null };
  const links = container.links?.filter((link) => link.alias !== alias);
  return { ...container, hostConfig, ...(links && { links }) };
};

/** Whether a container has legacy links by its record. */
export const isRecipient = ({ links, hostConfig }: Container): boolean =>
  (links ?? hostConfig.Links ?? []).length > 0;

/** On a network of the user's a link is an alias of the source there and nothing more. */
export const hasLegacyLinks = ({ NetworkMode }: Pick<HostConfig, 'NetworkMode'>): boolean =>
  asNetworkName(NetworkMode) === defaultNetwork;

/** The links that a container is made with. Throws in Docker's words. */
export function makeLinks(view: View, hostConfig: HostConfig): readonly LegacyLink[] {
  if (!hasLegacyLinks(hostConfig)) return [];
  return (hostConfig.Links ?? []).map((spec) => {
    const { source, alias } = parseLink(view, spec);
    if (source.hostConfig.NetworkMode === 'host')
      throw fail(
        'CONTAINER_CONFIG_INVALID',
        "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
      );
    return { id: source.id, name: source.name, alias };
  });
}

/** Its links, whether or not the sources exist. */
function recordedLinks(view: View, container: Container): readonly LegacyLink[] {
  if (container.links) return container.links;
  if (!hasLegacyLinks(container.hostConfig)) return [];
  return (container.hostConfig.Links ?? []).flatMap((spec) => {
    try {
      const { source, alias } = parseLink(view, spec);
      return [{ id: source.id, name: source.name, alias }];
    } catch {
      return [];
    }
  });
}

/** The legacy links of a container whose sources are still there. */
export const linksOf = (view: View, container: Container): readonly Link[] =>
  recordedLinks(view, container).flatMap(({ id, alias }) => {
    const source = view.get('containers', id);
    return source ? [{ source, alias }] : [];
  });

/** Before a container starts: its sources run, on the default bridge. Throws in Docker's words. */
export function checkLinks(view: View, container: Container): void {
  for (const { id, name, alias } of recordedLinks(view, container)) {
    const source = view.get('containers', id);
    if (!source || !isUp.has(source.state.status))
      throw fail(
        'START_FAILED',
        `Cannot link to a non running container: /${source?.name ?? name} AS /${container.name}/${alias}`,
      );
    if (!source.networks.some(({ network }) => network === defaultNetwork))
      throw fail('START_FAILED', `container ${source.id} not attached to default bridge network`);
  }
}

/** Docker counts a container that waits for its restart as running. */
const isUp: ReadonlySet<string> = new Set(['running', 'paused', 'restarting']);

/** Links of others follow a container's new name. */
export const renameLinks = (view: View, { id }: Container, name: string): readonly Change[] =>
  Array.from(view.all('containers'))
    .filter(({ links }) => links?.some((link) => link.id === id))
    .map((recipient) => ({
      table: 'containers',
      put: {
        ...recipient,
        links: recipient.links?.map((link) => (link.id === id ? { ...link, name } : link)) ?? [],
      },
    }));

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
