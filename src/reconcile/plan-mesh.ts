/** What the routing mesh of this host follows from. Pure. */
import type { MeshMembers, MeshMembersGateway } from '../model/driver.ts';
import { meshNumber } from '../model/mesh.ts';
import { nodeHere } from '../model/node.ts';
import type { View } from '../model/tables.ts';
import type { MeshPort } from '../model/virtual-service.ts';
import { gatewayNetwork } from '../model/way-out.ts';
import { bare } from '../net/address.ts';

/** Ports that another program of the host has are not served here. */
export function meshMembers(view: View): MeshMembers {
  const nodes = [...view.all('nodes')];
  const here = nodeHere(nodes);
  const busy = new Set(here?.busyPorts);
  const ports = Array.from(view.all('meshPorts'))
    .filter(({ protocol, port }) => !busy.has(`${protocol} ${port}`))
    .sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
  const network = view.networkByName(gatewayNetwork(view.drivers)?.name ?? '');
  const gateway: MeshMembersGateway | undefined = network && {
    link: network.link,
    subnets: network.ipam.pools.map(({ subnet }) => subnet),
  };
  return {
    ...{ ports, here: here?.id ?? '' },
    numbers: new Map(nodes.flatMap((node) => [[node.id, meshNumber(node) ?? 0] as const])),
    addresses: network ? addressesOn(view, network.id, ports) : new Map(),
    ...(gateway && { gateway }),
  };
}

function addressesOn(
  view: View,
  networkId: string,
  ports: readonly MeshPort[],
): ReadonlyMap<string, readonly string[]> {
  const names = new Set(ports.flatMap(({ backends }) => backends.map(({ container }) => container)));
  return new Map(
    Array.from(names).flatMap((name) => {
      const container = view.containerByName(name);
      const sandbox = container && view.sandboxOfContainer(container.id);
      const endpoint =
        sandbox && view.endpointsOfSandbox(sandbox.id).find((one) => one.networkId === networkId);
      return endpoint ? [[name, endpoint.addresses.map(bare)] as const] : [];
    }),
  );
}
