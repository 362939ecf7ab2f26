/** Converts a network plugin's answers for an endpoint to the engine's terms. Throws PLUGIN_BROKEN. Pure. */
import { fail } from '../errors.ts';
import type { PendingEndpoint } from '../model/driver.ts';
import type { AnsweredRoute, EndpointAnswers } from '../model/endpoint.ts';
import { readAddress, readCidr } from '../net/address.ts';
import { familyOf } from '../net/family.ts';
import { isLinkName } from '../net/link-name.ts';
import { readMac } from '../net/mac.ts';
import type { Joined } from './answers.ts';

const broken = (method: string, why: string): Error => fail('PLUGIN_BROKEN', `NetworkDriver.${method}`, why);

interface AnsweredInterface {
  readonly Address?: string;
  readonly AddressIPv6?: string;
  readonly MacAddress?: string;
}

/** A driver may only choose what the request left open. */
export function readInterface(
  { Address = '', AddressIPv6 = '', MacAddress = '' }: AnsweredInterface,
  request: Pick<PendingEndpoint, 'addresses' | 'mac'>,
): EndpointAnswers {
  const method = 'CreateEndpoint';
  const addresses = [Address, AddressIPv6].filter((one) => one !== '');
  for (const [at, address] of [Address, AddressIPv6].entries()) {
    if (address === '') continue;
    const family = at === 0 ? 4 : 6;
    if (!readCidr(address) || familyOf(address) !== family)
      throw broken(method, `the interface address "${address}" is no IPv${family} address in CIDR notation`);
    const given = request.addresses.find((one) => familyOf(one) === family);
    if (given)
      throw broken(
        method,
        `driver modified interface address: endpoint interface IP present (${given}). Cannot be modified with (${address}).`,
      );
  }
  const mac = MacAddress === '' ? undefined : readMac(MacAddress);
  if (MacAddress !== '' && !mac) throw broken(method, `the MAC address "${MacAddress}" is none`);
  if (mac && request.mac)
    throw broken(
      method,
      `driver modified interface MAC address: endpoint interface MAC address present (${request.mac}). Cannot be modified with ${mac}.`,
    );
  return { ...(mac && { mac }), ...(addresses.length > 0 && { addresses }) };
}

/** The driver's link on the host, its name in the sandbox, and its gateways and routes. */
export function readJoined(answer: Joined): EndpointAnswers {
  const { SrcName: link = '', DstPrefix: ifPrefix = '', DstName: ifname = '' } = answer.InterfaceName ?? {};
  for (const name of [link, ifPrefix && `${ifPrefix}0`, ifname])
    if (name !== '' && !isLinkName(name)) throw broken('Join', `"${name}" is no name of an interface`);
  if (link !== '' && ifPrefix === '' && ifname === '')
    throw broken('Join', `no name is given for interface "${link}" in the container`);
  const gateway4 = gatewayOf(answer.Gateway, 4);
  const gateway6 = gatewayOf(answer.GatewayIPv6, 6);
  const routes = (answer.StaticRoutes ?? []).map(routeOf);
  return {
    ...(link !== '' && { link }),
    ...(ifPrefix !== '' && { ifPrefix }),
    ...(ifname !== '' && { ifname }),
    ...(gateway4 && { gateway4 }),
    ...(gateway6 && { gateway6 }),
    ...(routes.length > 0 && { routes }),
    ...(answer.DisableGatewayService && { noGateway: true }),
  };
}

function gatewayOf(text: string | undefined, family: 4 | 6): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (!readAddress(text) || familyOf(text) !== family)
    throw broken('Join', `failed to parse gateway address "${text}": it is no IPv${family} address`);
  return text;
}

/** Route types of libnetwork. */
const routeTypes = { nextHop: 0, connected: 1 } as const;

type StaticRoute = NonNullable<Joined['StaticRoutes']>[number];

function routeOf({ Destination = '', RouteType = 0, NextHop = '' }: StaticRoute): AnsweredRoute {
  if (!readCidr(Destination))
    throw broken('Join', `failed to parse the destination "${Destination}" of a static route`);
  if (RouteType === routeTypes.connected) return { destination: Destination, nextHop: '' };
  if (RouteType !== routeTypes.nextHop)
    throw broken('Join', `the static route to ${Destination} has the unknown type ${RouteType}`);
  if (!readAddress(NextHop) || familyOf(NextHop) !== familyOf(Destination))
    throw broken('Join', `failed to add static route ${Destination}: "${NextHop}" is no next hop`);
  return { destination: Destination, nextHop: NextHop };
}
