/** Bindings of IPv6 that no process passes on (`relays.ts`): they are said to be missing. */
import { fail } from '../errors.ts';
import type { Container } from './container.ts';
import type { Forwarding } from './forwarding.ts';
import type { Network } from './network.ts';
import type { PortCarriers } from './port-carriers.ts';
import { hostText, isOfFamily, type PortSpec, publishedSpecs, wordsOf } from './port-specs.ts';
import { isRelayable, mostRelayed } from './relays.ts';
import type { View } from './tables.ts';

/** A request that is not served, and why. */
export interface Unpublished {
  readonly spec: PortSpec;
  readonly why: 'PORT_NEEDS_IPV6' | 'PORT_ON_LOOPBACK6';
}

/** Of these requests: bindings of IPv6 of a container that has no way out by IPv6 but one by IPv4, and those on `[::1]`. */
function unpublished(specs: readonly PortSpec[], carriers: PortCarriers): readonly Unpublished[] {
  const six = carriers[6];
  if (!six)
    return carriers[4] ? specs.filter(isForIPv6).map((spec) => ({ spec, why: 'PORT_NEEDS_IPV6' })) : [];
  if (six.isRouted) return [];
  const isMissing = (spec: PortSpec): boolean =>
    spec.binding.HostIp ? isOnLoopback(spec) : six.bindTo === '::1' && !carriers[4]?.bindTo;
  return specs.filter(isMissing).map((spec) => ({ spec, why: 'PORT_ON_LOOPBACK6' }));
}

/** The same before the start, by the requested networks. */
export function unpublishedOn(
  view: View,
  container: Container,
  { relays = false } = {},
): readonly Unpublished[] {
  const networks = container.networks.map(({ network }) => view.networkByName(network));
  if (networks.length === 0 || networks.includes(undefined)) return [];
  const ways = networks.flatMap((network) => (network?.enableIPv6 ? [forwardingOf(view, network)] : []));
  const asked = notRelayed(publishedSpecs(container), relays).filter(isForIPv6);
  if (ways.length === 0) return asked.map((spec) => ({ spec, why: 'PORT_NEEDS_IPV6' }));
  if (!ways.every((way) => way?.mode[6] === 'nat' || way?.mode[6] === 'nat-unprotected')) return [];
  return asked.filter(isOnLoopback).map((spec) => ({ spec, why: 'PORT_ON_LOOPBACK6' }));
}

const notRelayed = (specs: readonly PortSpec[], relays: boolean): readonly PortSpec[] =>
  relays ? specs.filter(({ protocol }, index) => !isRelayable(protocol) || index >= mostRelayed) : specs;

const forwardingOf = ({ drivers }: View, network: Network): Forwarding | undefined =>
  drivers.find(network.driver).forwarding?.(network);

const isForIPv6 = ({ binding }: PortSpec): boolean => Boolean(binding.HostIp) && !isOfFamily(binding, 4);

const isOnLoopback = ({ binding }: PortSpec): boolean => hostText(binding) === '::1';

/** Throws if none of the requests for a container port can be published. */
export function refuseUnpublished(
  container: Container,
  carriers: PortCarriers,
  { relays = false } = {},
): void {
  const specs = publishedSpecs(container);
  const missing = unpublished(notRelayed(specs, relays && carriers[4]?.isRouted !== true), carriers);
  if (missing.length === 0) return;
  const portOf = ({ containerPort, protocol }: PortSpec): string => `${containerPort}/${protocol}`;
  const gone = new Set(missing.map(({ spec }) => spec));
  const served = new Set(specs.filter((spec) => !gone.has(spec)).map(portOf));
  const refused = missing.find(({ spec }) => !served.has(portOf(spec)));
  if (refused) throw fail(refused.why, wordsOf(refused.spec));
}
