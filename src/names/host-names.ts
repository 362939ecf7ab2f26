/**
 * `host.docker.internal` and `gateway.docker.internal`, as in Docker Desktop. They lead to addresses in a network of
 * the asking sandbox, so that the firewall need not let anything through.
 */

import type { DriverTable } from '../model/driver.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Network } from '../model/network.ts';
import { gatewayOf } from '../model/pools.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import { bare } from '../net/address.ts';
import { type Family, families, familyOf } from '../net/family.ts';

/** Name in lower case to addresses, IPv4 first; a name without an address is left out. */
export type HostNames = Readonly<Record<string, readonly string[]>>;

const names = { host: 'host.docker.internal', gateway: 'gateway.docker.internal' } as const;

interface Attachment {
  readonly endpoint: Endpoint;
  readonly network: Network;
}

/**
 * Their addresses in a sandbox, separately for each family: the host's address in the network with the default
 * route, else in the first network where it has one; the gateway of the default route, else the host's address.
 * In the host's namespace both are its loopback. Networks with `seaway.host_names=false` are ignored.
 */
export function hostNames(view: View, sandbox: Sandbox): HostNames {
  if (sandbox.kind === 'host') return named(['127.0.0.1'], ['127.0.0.1']);
  const attachments = attachmentsOf(view, sandbox);
  const hosts: string[] = [];
  const gateways: string[] = [];
  for (const family of families) {
    const wayOut = attachments.find(({ endpoint }) => endpoint.id === gatewayEndpoint(sandbox, family));
    const host = firstAddress(
      wayOut ? [wayOut, ...attachments] : attachments,
      family,
      hostBeside(view.drivers),
    );
    const gateway = wayOut && firstAddress([wayOut], family, gatewayBeside);
    if (host) hosts.push(host);
    const leadsOut = gateway ?? host;
    if (leadsOut) gateways.push(leadsOut);
  }
  return named(hosts, gateways);
}

const named = (host: readonly string[], gateway: readonly string[]): HostNames => ({
  ...(host.length > 0 && { [names.host]: host }),
  ...(gateway.length > 0 && { [names.gateway]: gateway }),
});

/** In the order of the interfaces. */
const attachmentsOf = (view: View, { id }: Sandbox): readonly Attachment[] =>
  view
    .endpointsOfSandbox(id)
    .toSorted((a, b) => a.order - b.order)
    .flatMap((endpoint) => {
      const network = view.get('networks', endpoint.networkId);
      return network?.parsed.hostNames ? [{ endpoint, network }] : [];
    });

const gatewayEndpoint = ({ gateway4, gateway6 }: Sandbox, family: Family): string =>
  family === 4 ? gateway4 : gateway6;

type Beside = (network: Network, address: string) => string | undefined;

const hostBeside =
  (drivers: DriverTable): Beside =>
  (network, address) =>
    drivers.find(network.driver).hostAddress(network, address);

const gatewayBeside: Beside = (network, address) => gatewayOf(network, address);

/** The first address of the family for which `beside` finds a host or gateway address. */
function firstAddress(
  attachments: readonly Attachment[],
  family: Family,
  beside: Beside,
): string | undefined {
  for (const { endpoint, network } of attachments)
    for (const address of endpoint.addresses) {
      const found = familyOf(address) === family ? beside(network, address) : undefined;
      if (found) return bare(found);
    }
  return undefined;
}
