/**
 * Which endpoint carries the published ports of a family: the one that has the family's default route, so that
 * answers leave by the way that requests came. Docker's rule since version 28.
 */

import { bare } from '../net/address.ts';
import { type ByFamily, type Family, familyOf, wildcard } from '../net/family.ts';
import type { DriverTable } from './driver.ts';
import type { Attachment } from './gateway.ts';
import { ownAddress } from './leases.ts';
import type { PublishPolicy } from './publish-policy.ts';
import type { Sandbox } from './sandbox.ts';

export interface PortCarrier {
  readonly endpointId: string;
  /** The endpoint's own address. */
  readonly address: string;
  /** The network is routed: ports are open at that address, and nothing is bound on the host. */
  readonly isRouted: boolean;
  /** The host's address for ports without one; '' if those are not published in this family. */
  readonly bindTo: string;
  /** Of the network. */
  readonly policy?: PublishPolicy;
}

/** Absent where the family has no way out, or one that ports cannot be published on (macvlan). */
export type PortCarriers = Readonly<Partial<Record<Family, PortCarrier>>>;

export function portCarriers(
  attachments: readonly Attachment[],
  { gateway4, gateway6 }: Pick<Sandbox, 'gateway4' | 'gateway6'>,
  more: { readonly drivers: DriverTable; readonly bindAddress: string },
): PortCarriers {
  const four = carrierOf(attachments, 4, { ...more, endpointId: gateway4 });
  const six = carrierOf(attachments, 6, { ...more, endpointId: gateway6 });
  return { ...(four && { 4: four }), ...(six && { 6: six }) };
}

/** The carrier of IPv4 for ports by IPv6 that are passed on: bound to all addresses of IPv6 where it is to all of IPv4. */
export function carrierForIPv6({ 4: four }: PortCarriers): PortCarrier | undefined {
  if (!four || four.isRouted) return undefined;
  return { ...four, bindTo: four.bindTo === wildcard(4) ? wildcard(6) : '' };
}

function carrierOf(
  attachments: readonly Attachment[],
  family: Family,
  request: { readonly endpointId: string; readonly drivers: DriverTable; readonly bindAddress: string },
): PortCarrier | undefined {
  const { endpointId, drivers, bindAddress } = request;
  const found = attachments.find(({ endpoint }) => endpoint.id === endpointId);
  const forwarding = found && drivers.find(found.network.driver).forwarding?.(found.network);
  const address = found && ownAddress(found.endpoint, family);
  if (!forwarding || !address) return undefined;
  return {
    endpointId,
    address: bare(address),
    isRouted: forwarding.mode[family] === 'routed',
    bindTo: standingAddress(forwarding.binding, family, bindAddress),
    ...(forwarding.policy && { policy: forwarding.policy }),
  };
}

/** As the network has it, else as the engine. One address for both families keeps the other family out. */
function standingAddress(binding: ByFamily<string>, family: Family, bindAddress: string): string {
  const one = (binding[4] || bindAddress).replace(/^0\.0\.0\.0$/, '');
  const all = wildcard(family);
  if (binding[6] === '') return one === '' ? all : familyOf(one) === family ? one : '';
  if (family === 6) return binding[6];
  return familyOf(one) === 4 && one !== '' ? one : all;
}
