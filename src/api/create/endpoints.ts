/** From the networks of a create request to what is asked of each. */
import type { EndpointAsk } from '../../model/endpoint.ts';
import type { ContainerCreate } from '../schemas/containers.ts';
import type { EndpointSettings } from '../schemas/networks.ts';

/** Empty strings are how Go's clients leave an address open. */
const given = (value: string | undefined): string | undefined => value || undefined;

/** What is asked of one network. */
export function endpointAsk(settings: EndpointSettings): Omit<EndpointAsk, 'network'> {
  const { IPAMConfig: addresses } = settings;
  const ipv4 = given(addresses?.IPv4Address);
  const ipv6 = given(addresses?.IPv6Address);
  const mac = given(settings.MacAddress)?.toLowerCase();
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
  if (mode === '' || mode === 'default') return 'bridge';
  return mode.startsWith('container:') ? undefined : mode;
}

/**
 * The networks of a create request, in the order given. The old top-level `MacAddress` (before 1.44) is
 * the address in the network of `NetworkMode`, unless that has one of its own.
 */
export function endpointAsks(request: ContainerCreate): readonly EndpointAsk[] {
  const settings = Object.entries(request.NetworkingConfig?.EndpointsConfig ?? {});
  const asks = settings.map(([name, inner]) => ({
    network: name === 'default' ? 'bridge' : name,
    ...endpointAsk(inner),
  }));
  const mac = given(request.MacAddress)?.toLowerCase();
  const main = networkOfMode(request.HostConfig?.NetworkMode ?? '');
  if (mac === undefined || main === undefined) return asks;
  if (!asks.some((ask) => ask.network === main)) return [{ network: main, ...endpointAsk({}), mac }, ...asks];
  return asks.map((ask) => (ask.network === main ? { ...ask, mac: ask.mac ?? mac } : ask));
}
