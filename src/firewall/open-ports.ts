/**
 * Open ports on routed networks other than the one that carries the published ports. Nothing is rewritten there,
 * so each endpoint can have the port open at its own address, as in Docker 29.
 */
import type { Endpoint } from '../model/endpoint.ts';
import { ownAddress } from '../model/leases.ts';
import { isOfFamily, type PortSpec, publishedSpecs } from '../model/port-specs.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import { bare } from '../net/address.ts';
import type { Family } from '../net/family.ts';
import type { BridgeNetwork, OpenPort } from './input.ts';
import { openRuns } from './port-runs.ts';

type OpenPortsView = Pick<View, 'all' | 'get' | 'endpointsOfSandbox'>;

/** `routed`: the routed networks by id. */
export function openPorts(view: OpenPortsView, routed: ReadonlyMap<string, BridgeNetwork>): OpenPort[] {
  if (routed.size === 0) return [];
  return [...view.all('sandboxes')].flatMap((sandbox) => {
    const endpoints = view.endpointsOfSandbox(sandbox.id).filter(({ networkId }) => routed.has(networkId));
    const specs = endpoints.length > 0 ? wishesOf(view, sandbox) : [];
    return endpoints.flatMap((endpoint) => {
      const network = routed.get(endpoint.networkId);
      return network ? openRuns(portsOf(endpoint, network, specs)) : [];
    });
  });
}

/** In either family. */
export const isRoutedNetwork = (network: BridgeNetwork): boolean =>
  isRouted(network, 4) || isRouted(network, 6);

const isRouted = ({ internal, families }: BridgeNetwork, family: Family): boolean =>
  !internal && families[family]?.mode === 'routed';

function wishesOf(view: OpenPortsView, { containerId }: Sandbox): readonly PortSpec[] {
  const container = view.get('containers', containerId);
  return container ? publishedSpecs(container) : [];
}

/** A host address in the binding only selects the family, since nothing is rewritten. */
function portsOf(endpoint: Endpoint, network: BridgeNetwork, specs: readonly PortSpec[]): OpenPort[] {
  return specs.flatMap(({ protocol, containerPort, binding }) =>
    ([4, 6] as const).flatMap((family): OpenPort[] => {
      const address = bare(ownAddress(endpoint, family) ?? '');
      return isOfFamily(binding, family) && address && isRouted(network, family)
        ? [{ link: network.link, protocol, address, containerPort }]
        : [];
    }),
  );
}
