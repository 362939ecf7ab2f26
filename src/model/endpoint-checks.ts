/** Checks of requested endpoint settings, in dockerd's words. */

import { fail, SeawayError } from '../errors.ts';
import { contains, parseCidr, readHostAddress } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import { readMac } from '../net/mac.ts';
import type { EndpointSpec } from './endpoint.ts';
import type { Network } from './network.ts';
import { hostNetwork, isReservedName, noNetwork } from './predefined-names.ts';
import { findNetwork } from './references.ts';
import type { View } from './tables.ts';

/** Networks whose members are found by no alias, and which may have another subnet tomorrow. */
const isPredefined = (name: string): boolean => isReservedName(name) || name.startsWith('container:');

/** Throws ENDPOINT_ASK_INVALID with all that is wrong with it; `network` is absent where it is not there yet. */
export function checkEndpointSpec(network: Network | undefined, spec: EndpointSpec): void {
  const wrong = [...wrongPlace(spec), ...wrongText(spec), ...(network ? outside(network, spec) : [])];
  if (wrong.length > 0) throw fail('ENDPOINT_ASK_INVALID', joined(wrong));
}

/** As `checkEndpointAsk`, for each network of a container that is to be made. Throws NETWORK_CONFIG_INVALID. */
export function checkEndpointSpecs(view: View, specs: readonly EndpointSpec[]): void {
  for (const spec of specs) {
    try {
      checkEndpointSpec(networkOf(view, spec), spec);
    } catch (error) {
      if (!(error instanceof SeawayError) || error.code !== 'ENDPOINT_ASK_INVALID') throw error;
      throw fail('NETWORK_CONFIG_INVALID', spec.network, error.message);
    }
  }
}

function networkOf(view: View, spec: EndpointSpec): Network | undefined {
  try {
    return findNetwork(view, spec.network);
  } catch {
    // as with dockerd, it is the start that fails then
    return undefined;
  }
}

function wrongPlace({ network, ipv4, ipv6, aliases }: EndpointSpec): readonly string[] {
  if (!isPredefined(network)) return [];
  return [
    ...(ipv4 || ipv6 ? ['user specified IP address is supported on user defined networks only'] : []),
    ...(aliases.length > 0
      ? ['network-scoped alias is supported only for containers in user defined networks']
      : []),
  ];
}

/** An address of that family, and not the unspecified one. */
function isOf(family: Family, text: string): boolean {
  const address = readHostAddress(text);
  return address?.version === family && address.value !== 0n;
}

const wrongText = ({ ipv4, ipv6, linkLocal, mac }: EndpointSpec): readonly string[] => [
  ...(ipv4 && !isOf(4, ipv4) ? [`invalid IPv4 address: ${ipv4}`] : []),
  ...(ipv6 && !isOf(6, ipv6) ? [`invalid IPv6 address: ${ipv6}`] : []),
  ...linkLocal
    .filter((text) => !isOf(4, text) && !isOf(6, text))
    .map((text) => `invalid link-local IP address: ${text}`),
  ...(mac && readMac(mac) === undefined ? [`invalid MAC address ${mac}`] : []),
];

/** The subnets of a swarm's networks are fixed, whoever has chosen them. */
function outside({ ipam, predefined, scope }: Network, { ipv4, ipv6 }: EndpointSpec): readonly string[] {
  const asked: readonly (readonly [Family, string | undefined])[] = [
    [4, ipv4],
    [6, ipv6],
  ];
  return asked.flatMap(([family, text]) => {
    if (!text) return [];
    const address = readHostAddress(text);
    const pools = ipam.pools.filter(
      ({ subnet, chosen }) => (!chosen || scope === 'swarm') && !predefined && familyOf(subnet) === family,
    );
    if (pools.length === 0)
      return [
        'user specified IP address is supported only when connecting to networks with user configured subnets',
      ];
    if (address && pools.some(({ subnet }) => contains(parseCidr(subnet), address))) return [];
    return [`no configured subnet or ip-range contain the IP address ${text}`];
  });
}

/** One as it is, several as a list. */
const joined = (wrong: readonly string[]): string =>
  wrong.length === 1 ? (wrong[0] ?? '') : wrong.map((text) => `* ${text}`).join('\n');

const sharing =
  'container sharing network namespace with another container or host cannot be connected to any other network';

/**
 * Throws NETWORK_MODE_CONFLICT where a container of this mode cannot be on all these networks at once: `host` is for
 * containers in the host's namespace, which are on no other, and `none` goes with nothing.
 */
export function checkTogether(mode: string, networks: readonly string[]): void {
  const refuse = (why: string): never => {
    throw fail('NETWORK_MODE_CONFLICT', why);
  };
  const onHost = networks.includes(hostNetwork);
  if (onHost && mode !== hostNetwork)
    refuse('cannot connect container to host network - container must be created in host network mode');
  if (onHost && networks.length > 1) refuse(sharing);
  if (networks.includes(noNetwork) && networks.length > 1)
    refuse(
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  if (mode === hostNetwork && !networks.every((name) => name === hostNetwork || name === noNetwork))
    refuse(sharing);
}
