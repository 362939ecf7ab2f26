/** Objects of an interface inside a sandbox, shared by all drivers with interfaces. */

import type { EndpointInput } from '../model/driver.ts';
import { gatewayOf } from '../model/pools.ts';
import { bare } from '../net/address.ts';
import { type Family, families, familyOf, wildcard } from '../net/family.ts';
import type { AddressObject, KernelObject, RouteObject, SysctlObject } from '../objects/object.ts';

export interface Inside {
  /** Default routes have no gateway, only the interface. */
  readonly byDevice: boolean;
  /** Accept router advertisements (RFC 4861). */
  readonly acceptAdvertisements: boolean;
  /** Gateways from the driver's answers, in place of those of the network's pools. */
  readonly gateways?: Readonly<Partial<Record<Family, string>>>;
}

/** Addresses, sysctls and default routes of the endpoint's interface. */
export function planInside(input: EndpointInput, inside: Inside): readonly KernelObject[] {
  return [
    ...interfaceSysctls(input, inside),
    ...input.endpoint.addresses.map((address) => addressOf(input, address)),
    ...families.flatMap((family) => defaultRoute(input, family, inside)),
  ];
}

const addressOf = ({ endpoint, sandbox }: EndpointInput, address: string): AddressObject => ({
  kind: 'address',
  ns: sandbox.id,
  link: endpoint.ifname,
  address,
});

/** IPv6 is off on an interface without an IPv6 address, as in Docker. */
function interfaceSysctls({ endpoint, sandbox, facts }: EndpointInput, inside: Inside): SysctlObject[] {
  const { ifname } = endpoint;
  const ipv6 = endpoint.addresses.some((address) => familyOf(address) === 6);
  const values: Record<string, string> = {};
  if (facts.ipv6) {
    values[`net/ipv6/conf/${ifname}/disable_ipv6`] = ipv6 ? '0' : '1';
    if (ipv6 && !inside.acceptAdvertisements) values[`net/ipv6/conf/${ifname}/accept_ra`] = '0';
  }
  for (const { tree, name, value } of endpoint.sysctls ?? []) values[`net/${tree}/${ifname}/${name}`] = value;
  return Object.entries(values).map(([key, value]) => ({ kind: 'sysctl', ns: sandbox.id, key, value }));
}

/** Only the endpoint that was chosen as gateway has the sandbox's default route. */
function defaultRoute(input: EndpointInput, family: Family, inside: Inside): RouteObject[] {
  const { network, endpoint, sandbox } = input;
  if ((family === 4 ? sandbox.gateway4 : sandbox.gateway6) !== endpoint.id) return [];
  const { byDevice, gateways } = inside;
  const gateway = byDevice ? '' : gateways ? gateways[family] : gatewayFor(input, family);
  if (gateway === undefined || (network.internal && !gateways)) return [];
  const destination = `${wildcard(family)}/0`;
  return [{ kind: 'route', ns: sandbox.id, destination, link: endpoint.ifname, gateway }];
}

function gatewayFor({ network, endpoint }: EndpointInput, family: Family): string | undefined {
  for (const address of endpoint.addresses) {
    if (familyOf(address) !== family) continue;
    const gateway = gatewayOf(network, address);
    if (gateway) return bare(gateway);
  }
  return undefined;
}
