/** A container's place in a network: `EndpointSettings` of the API. */

import type { ContainerDetail } from '../../engine/container-verbs.ts';
import type { Endpoint, EndpointSpec } from '../../model/endpoint.ts';
import { dnsNamesOf, memberOf } from '../../model/endpoints.ts';
import { ownAddress } from '../../model/leases.ts';
import type { Network } from '../../model/network.ts';
import { gatewayOf as routeGateway } from '../../model/pools.ts';
import { asNetworkName, isPredefinedName } from '../../model/predefined-names.ts';
import type { Minor } from '../version.ts';

export type Attachment = ContainerDetail['attachments'][number];

export interface Address {
  readonly ip: string;
  readonly prefix: number;
}

/** The endpoint's own address of a family, not an additional link-local one. */
export function addressOf(endpoint: Endpoint | undefined, family: 4 | 6): Address | undefined {
  const found = endpoint && ownAddress(endpoint, family);
  const [ip, prefix] = found?.split('/') ?? [];
  return ip === undefined ? undefined : { ip, prefix: Number(prefix) };
}

/** Where the address's default route leads; '' where there is none, as on an overlay network. */
function gatewayOf(network: Network | undefined, address: Address | undefined): string {
  if (!network || !address || network.internal || network.overlay) return '';
  return routeGateway(network, address.ip) ?? '';
}

function presentIpam(spec: EndpointSpec): object | null {
  if (!spec.ipv4 && !spec.ipv6 && spec.linkLocal.length === 0) return null;
  return {
    ...(spec.ipv4 && { IPv4Address: spec.ipv4 }),
    ...(spec.ipv6 && { IPv6Address: spec.ipv6 }),
    ...(spec.linkLocal.length > 0 && { LinkLocalIPs: spec.linkLocal }),
  };
}

const orNull = <T extends object>(value: T): T | null => (Object.keys(value).length > 0 ? value : null);

/** Addresses and gateways, also the top-level ones of the default bridge. */
export function presentAddresses(attachment: Attachment | undefined) {
  const { network, endpoint } = attachment ?? {};
  const v4 = addressOf(endpoint, 4);
  const v6 = addressOf(endpoint, 6);
  // a plugin names the gateway of its endpoints
  const answers = endpoint?.answers;
  return {
    EndpointID: endpoint?.id ?? '',
    Gateway: answers ? (answers.gateway4 ?? '') : gatewayOf(network, v4),
    IPAddress: v4?.ip ?? '',
    IPPrefixLen: v4?.prefix ?? 0,
    IPv6Gateway: answers ? (answers.gateway6 ?? '') : gatewayOf(network, v6),
    GlobalIPv6Address: v6?.ip ?? '',
    GlobalIPv6PrefixLen: v6?.prefix ?? 0,
  };
}

/** Before 1.45 the short id is among the aliases of a user-defined network. */
function aliases(attachment: Attachment, owner: { id: string; version: Minor }): readonly string[] | null {
  const { spec, network } = attachment;
  const predefined = network?.predefined ?? isPredefinedName(spec.network);
  if (owner.version >= 45 || predefined) return orNull(spec.aliases);
  return [...new Set([...spec.aliases, owner.id.slice(0, 12)])];
}

/** The endpoint's MAC address; until the container has run, the requested one. */
export const macShown = ({ endpoint, spec }: Attachment, { state }: ContainerDetail['container']): string =>
  endpoint?.mac ?? (state.status === 'created' ? (spec.mac ?? '') : '');

/** Whose endpoint it is, and for which version of the API. */
interface Owner {
  readonly container: ContainerDetail['container'];
  readonly version: Minor;
}

/** `EndpointSettings`; until a container has run, only the requested settings. */
export function presentEndpoint(attachment: Attachment, { container, version }: Owner): object {
  const { spec, network, endpoint } = attachment;
  const hasRun = container.state.status !== 'created';
  return {
    IPAMConfig: presentIpam(spec),
    Links: orNull(spec.links),
    Aliases: aliases(attachment, { id: container.id, version }),
    MacAddress: macShown(attachment, container),
    DriverOpts: orNull(spec.driverOpts),
    GwPriority: spec.gwPriority,
    NetworkID: ((endpoint || hasRun) && network?.id) || '',
    ...presentAddresses(attachment),
    DNSNames: orNull(
      endpoint?.dnsNames ?? (hasRun && network ? dnsNamesOf(memberOf(container), network, spec) : []),
    ),
  };
}

/** Name of an attachment in lists: the network's, or the requested one if there is no network. */
export function networkName(attachment: Attachment): string {
  return attachment.network?.name ?? asNetworkName(attachment.spec.network);
}

/** Fields that lists leave empty. */
const unlisted = { Links: null, Aliases: null, DriverOpts: null, DNSNames: null };

/** The `Networks` map of a list entry. */
export const presentListedNetworks = (detail: ContainerDetail, version: Minor): object =>
  networksOf(detail, (attachment) => ({
    ...presentEndpoint(attachment, { container: detail.container, version }),
    ...unlisted,
  }));

/** The `Networks` map of inspect. */
export const presentNetworks = (detail: ContainerDetail, version: Minor): object =>
  networksOf(detail, (attachment) => presentEndpoint(attachment, { container: detail.container, version }));

/** By name, in Go's order. */
function networksOf(detail: ContainerDetail, present: (attachment: Attachment) => object): object {
  const pairs = detail.attachments.map(
    (attachment) => [networkName(attachment), present(attachment)] as const,
  );
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}
