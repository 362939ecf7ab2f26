/** `Services` of `docker network inspect --verbose`: what answers by which address. */
import type { Endpoint } from '../../model/endpoint.ts';
import type { Node } from '../../model/node.ts';
import type { Peer } from '../../model/peer.ts';
import type { VirtualService } from '../../model/virtual-service.ts';

interface Parts {
  readonly members: readonly Endpoint[];
  readonly peers?: readonly Peer[];
  readonly hosts?: readonly Node[];
}

export function presentServices(services: readonly VirtualService[], parts: Parts): object {
  const places = placesOf(parts);
  return {
    Services: Object.fromEntries(
      // one that nothing answers for is not there, as with Docker
      services
        .filter(({ backends }) => backends.length > 0)
        .map(({ name, addresses: [address = '<nil>'], backends }) => [
          name,
          // no table of balanced services has an index for it
          {
            VIP: address,
            Ports: [],
            LocalLBIndex: 0,
            Tasks: backends.flatMap(({ addresses: [at = ''] }) => places.get(at) ?? []),
          },
        ]),
    ),
  };
}

/** By address, what Docker shows of a task. */
function placesOf({ members, peers = [], hosts = [] }: Parts): ReadonlyMap<string, object> {
  const here = hosts.find((host) => host.here);
  const hostOf = (id: string): Node | undefined => hosts.find((host) => host.id === id);
  const all = [
    ...members.map((one) => ({ one, host: here })),
    ...peers.map((one) => ({ one, host: hostOf(one.nodeId) })),
  ];
  return new Map(
    all.flatMap(({ one: { id, name, addresses }, host }) => {
      const ip = (addresses[0] ?? '').replace(/\/.*/, '');
      const info = { 'Host IP': host?.data4 ?? host?.data6 ?? '' };
      return ip === '' ? [] : [[ip, { Name: name, EndpointID: id, EndpointIP: ip, Info: info }] as const];
    }),
  );
}
