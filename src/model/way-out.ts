/**
 * Endpoints whose driver names no gateway, and does not say that none is wanted, and those of an overlay: their sandbox
 * gets one more endpoint, on a network of the engine's for just that (libnetwork, default_gateway.go).
 */
import { type Family, familyOf } from '../net/family.ts';
import { blankEndpointSpec, blankNetworkRequest } from './blank.ts';
import type { Attached, Driver, DriverTable } from './driver.ts';
import type { Endpoint, EndpointAnswers } from './endpoint.ts';
import { sysctlsOption } from './endpoint-options.ts';
import { type EndpointContext, type Member, makeEndpoint } from './endpoints.ts';
import { type Attachment, addedPrefix, attachedOf, isWayOut } from './gateway.ts';
import type { NetworkRequest } from './network.ts';
import { enabled } from './pools.ts';
import type { Sandbox } from './sandbox.ts';
import type { View } from './tables.ts';

/** Properties of that network; undefined if no driver has one. */
export function gatewayNetwork(drivers: DriverTable): Driver['gatewayNetwork'] {
  for (const name of drivers.names) {
    const { gatewayNetwork: found } = drivers.find(name);
    if (found) return found;
  }
  return undefined;
}

/** Whether an endpoint with these answers needs a way out that it does not have itself. */
export const lacksGateway = ({ gateway4, gateway6, noGateway, routes = [] }: EndpointAnswers): boolean =>
  !noGateway && !gateway4 && !gateway6 && !routes.some(({ destination }) => destination.endsWith('/0'));

/**
 * Whether networks need a way out in a family that none of them has. A plugin's never need one in IPv6: Docker's network
 * for it has IPv4 alone, and its plugins lead out in IPv6 themselves.
 */
export function lacksWayOut(
  attached: readonly Attached[],
  { family, drivers }: { readonly family: Family; readonly drivers: DriverTable },
): boolean {
  const needs = ({ network, answers }: Attached): boolean => {
    if (network.internal) return false;
    if (answers) return family === 4 && lacksGateway(answers);
    const isSeparate = drivers.find(network.driver).wayOut === 'separate';
    return isSeparate && (family === 4 || enabled(network, family));
  };
  return (
    attached.some(needs) && !attached.some((one) => drivers.find(one.network.driver).leadsOut(one, family))
  );
}

interface Unled {
  readonly member: Member;
  readonly sandbox: Sandbox;
  readonly attachments: readonly Attachment[];
}

/** The attachments, with one to that network if it is needed and exists, else without. */
export function withWayOut(
  view: View,
  { member, sandbox, attachments }: Unled,
  context: EndpointContext,
): readonly Attachment[] {
  const { drivers } = view;
  const network = view.networkByName(gatewayNetwork(drivers)?.name ?? '');
  if (!network) return attachments;
  const added = attachments.find(({ endpoint }) => isWayOut(endpoint));
  const asked = attachments.filter((one) => one !== added);
  const attached = asked.map(attachedOf);
  const [four, six] = ([4, 6] as const).map(
    (family) => enabled(network, family) && lacksWayOut(attached, { family, drivers }),
  );
  if (!four && !six) return asked;
  const siblings = asked.map(({ endpoint }) => endpoint);
  const named = { ...member, name: `${addedPrefix}${sandbox.id.slice(0, 12)}`, otherNames: [] };
  const spec = { ...blankEndpointSpec(network.name), ...(!six && { driverOpts: withoutIPv6 }) };
  const made = makeEndpoint(view, { member: named, network, spec, sandbox, siblings }, context);
  const endpoint = { ...made, dnsNames: [] };
  return [...asked, added ? adjusted(added, endpoint) : { network, endpoint }];
}

/** As in Docker, where that network has none. */
const withoutIPv6 = { [sysctlsOption]: 'net.ipv6.conf.IFNAME.disable_ipv6=1' };

/** The attachment as it is, with the families of the one that would be made now. */
function adjusted(added: Attachment, { spec, sysctls, addresses }: Endpoint): Attachment {
  const { sysctls: _, ...endpoint } = added.endpoint;
  const had = new Map(endpoint.addresses.map((address) => [familyOf(address), address]));
  if (had.size === addresses.length) return added;
  const kept = addresses.map((address) => had.get(familyOf(address)) ?? address);
  return { ...added, endpoint: { ...endpoint, spec, addresses: kept, ...(sysctls && { sysctls }) } };
}

/** `ipv6`: the host has IPv6. Docker's has none, but containers on an overlay with IPv6 need a way out for it. */
export const gatewayRequest = (
  { name, driver, options }: NonNullable<Driver['gatewayNetwork']>,
  { ipv6 }: { readonly ipv6: boolean },
): NetworkRequest =>
  blankNetworkRequest(name, {
    ...{ driver, options, enableIPv4: true, enableIPv6: ipv6, scope: 'local' },
    ipam: { driver: 'default', options: null, pools: [] },
  });
