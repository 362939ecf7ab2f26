/** Endpoint settings of a create request, by network. */

import { fail } from '../../errors.ts';
import type { EndpointSpec } from '../../model/endpoint.ts';
import { asNetworkName } from '../../model/predefined-names.ts';
import type { ContainerCreate } from '../schemas/containers.ts';
import type { EndpointSettings } from '../schemas/networks.ts';
import type { Minor } from '../version.ts';

/** Empty strings are how Go's clients leave an address open. */
const given = (value: string | undefined): string | undefined => value || undefined;

/** Settings for one network. Its MAC address is a field since API 1.44 and is ignored before. */
export function endpointSpec(settings: EndpointSettings, version: Minor): Omit<EndpointSpec, 'network'> {
  const { IPAMConfig: addresses } = settings;
  const ipv4 = given(addresses?.IPv4Address);
  const ipv6 = given(addresses?.IPv6Address);
  const mac = version < 44 ? undefined : given(settings.MacAddress);
  return {
    aliases: settings.Aliases ?? [],
    links: settings.Links ?? [],
    ...(ipv4 && { ipv4 }),
    ...(ipv6 && { ipv6 }),
    linkLocal: addresses?.LinkLocalIPs ?? [],
    ...(mac && { mac }),
    driverOpts: settings.DriverOpts ?? {},
    gwPriority: settings.GwPriority ?? 0,
  };
}

/** The network that a mode leads to, by name; undefined for modes that are no network of their own. */
export function networkOfMode(mode: string): string | undefined {
  return mode.startsWith('container:') ? undefined : asNetworkName(mode);
}

/** Before API 1.44 a container was made on one network. Throws CONTAINER_CONFIG_INVALID in Docker's words. */
function refuseSeveral(names: readonly string[], version: Minor): void {
  if (version >= 44 || names.length < 2) return;
  const list = [...names].sort().join(', ');
  throw fail(
    'CONTAINER_CONFIG_INVALID',
    `Container cannot be created with multiple network endpoints: ${list}`,
  );
}

const macOfNone =
  'unable to migrate container-wide MAC address to a specific network: HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks';

/**
 * The networks of a create request, in the order given. The old top-level `MacAddress` is the address in the network of
 * `NetworkMode`, unless that has one of its own; before API 1.44 in the one network that is named. Throws
 * CONTAINER_CONFIG_INVALID where it belongs to none.
 */
export function endpointSpecs(request: ContainerCreate, version: Minor): readonly EndpointSpec[] {
  const settings = Object.entries(request.NetworkingConfig?.EndpointsConfig ?? {});
  refuseSeveral(
    settings.map(([name]) => name),
    version,
  );
  const specs = settings.map(([name, inner]) => ({
    network: asNetworkName(name),
    ...endpointSpec(inner, version),
  }));
  const mac = given(request.MacAddress);
  const main = networkOfMode(request.HostConfig?.NetworkMode ?? '');
  if (mac === undefined || main === undefined) return specs;
  if (specs.length === 0) return [{ network: main, ...endpointSpec({}, version), mac }];
  if (version < 44) return specs.map((spec) => ({ ...spec, mac }));
  if (!specs.some((spec) => spec.network === main)) throw fail('CONTAINER_CONFIG_INVALID', macOfNone);
  return specs.map((spec) => (spec.network === main ? { ...spec, mac: spec.mac ?? mac } : spec));
}
