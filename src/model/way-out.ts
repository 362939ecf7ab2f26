/**
 * Endpoints whose driver names no gateway, and does not say that none is wanted, and those of an overlay: their sandbox
 * gets one more endpoint, on a network of the engine's for just that (libnetwork, default_gateway.go).
 */
import { blankEndpointSpec, blankNetworkRequest } from './blank.ts';
import type { Driver, DriverTable } from './driver.ts';
import type { Endpoint, EndpointAnswers } from './endpoint.ts';
import { type EndpointContext, type Member, makeEndpoint } from './endpoints.ts';
import { type Attachment, chooseGateway } from './gateway.ts';
import type { Network, NetworkRequest } from './network.ts';
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

/** The family for which the network exists, as in Docker; a network with a route in the other alone is no way out. */
export const gatewayFamily = 4;

/** Whether an endpoint with these answers needs a way out that it does not have itself. */
export const lacksGateway = ({ gateway4, gateway6, noGateway, routes = [] }: EndpointAnswers): boolean =>
  !noGateway && !gateway4 && !gateway6 && !routes.some(({ destination }) => destination.endsWith('/0'));

/** `answers`: answers of the network's driver for the endpoint. */
export const needsWayOut = (
  drivers: DriverTable,
  { driver, internal }: Pick<Network, 'driver' | 'internal'>,
  answers: EndpointAnswers | undefined,
): boolean => !internal && (answers ? lacksGateway(answers) : drivers.find(driver).wayOut === 'separate');

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
  const isAdded = ({ endpoint }: Attachment): boolean => isWayOut(endpoint);
  const asked = attachments.filter((one) => !isAdded(one));
  const leads = chooseGateway(asked, { family: gatewayFamily, drivers }) !== '';
  const isNeeded = asked.some(({ endpoint, network }) => needsWayOut(drivers, network, endpoint.answers));
  if (leads || !isNeeded) return asked;
  if (attachments.some(isAdded)) return attachments;
  const siblings = asked.map(({ endpoint }) => endpoint);
  const named = { ...member, name: `${addedPrefix}${sandbox.id.slice(0, 12)}`, otherNames: [] };
  const endpoint = makeEndpoint(
    view,
    { member: named, network, spec: blankEndpointSpec(network.name), sandbox, siblings },
    context,
  );
  return [...asked, { network, endpoint: { ...endpoint, dnsNames: [] } }];
}

/** Docker's name for such an endpoint. */
const addedPrefix = 'gateway_';

/** Whether an endpoint was added as a way out, without a request. */
export const isWayOut = ({ name, sandboxId, dnsNames }: Endpoint): boolean =>
  name === `${addedPrefix}${sandboxId.slice(0, 12)}` && dnsNames.length === 0;

/** The request for that network. */
export const gatewayRequest = ({
  name,
  driver,
  options,
}: NonNullable<Driver['gatewayNetwork']>): NetworkRequest =>
  blankNetworkRequest(name, {
    ...{ driver, options, enableIPv4: true, enableIPv6: false, scope: 'local' },
    ipam: { driver: 'default', options: null, pools: [] },
  });
