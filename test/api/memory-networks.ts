import type { NetworkDetail, NetworkVerbs } from '../../src/engine/network-verbs.ts';
import { fail } from '../../src/errors.ts';
import { blankNetwork } from '../../src/model/blank.ts';
import type { Network, NetworkRequest } from '../../src/model/network.ts';
import { withParsed } from '../model/networks.ts';
import { hex } from './records.ts';

/** Without addresses: none are chosen here. */
const recordOf = ({ name, labels, options, internal, attachable }: NetworkRequest, id: string): Network =>
  withParsed({
    ...blankNetwork,
    ...{
      id,
      name,
      created: '2026-01-01T00:00:00.000000000Z',
      driver: 'bridge',
      link: `br-${id.slice(0, 12)}`,
    },
    ...{ labels, options, internal, attachable },
  });

/** `all` are the networks of the engine, `calls` what was asked, a line per verb. */
export function networkVerbs(all: NetworkDetail[], calls: string[]): NetworkVerbs {
  const get = (ref: string): NetworkDetail => {
    const found = all.find(
      ({ network }) => network.name === ref || (ref !== '' && network.id.startsWith(ref)),
    );
    if (!found) throw fail('NETWORK_NOT_FOUND', ref);
    return found;
  };
  return {
    list: () => all,
    get,
    usage: async (ref) =>
      get(ref).network.ipam.pools.map(({ subnet }) => ({ subnet, used: 3n, free: 2n ** 70n })),
    services: () => [],
    async create(request) {
      calls.push(`network create ${JSON.stringify(request)}`);
      if (all.some(({ network }) => network.name === request.name))
        throw fail('NETWORK_EXISTS', request.name);
      all.push({ network: recordOf(request, hex('f')), endpoints: [] });
      return { id: hex('f'), warning: '' };
    },
    async remove(ref) {
      const detail = get(ref);
      if (detail.network.predefined) throw fail('NETWORK_PREDEFINED', detail.network.name);
      all.splice(all.indexOf(detail), 1);
    },
    async connect(ref, container, asked) {
      calls.push(`connect ${get(ref).network.name} ${container} ${JSON.stringify(asked)}`);
    },
    async disconnect(ref, container) {
      calls.push(`disconnect ${get(ref).network.name} ${container}`);
    },
    rate: async () => ({ egress: 10_000_000 }),
    prune: async (matches) => all.flatMap(({ network }) => (matches(network) ? [network.name] : [])),
  };
}
