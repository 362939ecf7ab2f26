/** What is given to a service as a whole: its published ports and virtual addresses. */
import { isDeepStrictEqual } from 'node:util';
import type { Family } from '../../net/family.ts';
import { familyOf } from '../../net/family.ts';
import { networksOf } from '../defaults.ts';
import { isNodeLocal } from '../networks.ts';
import type { SwarmNetwork, SwarmService, VirtualAddress } from '../records.ts';
import { ingressNetwork, isIngressPort, needsIngress } from '../service-links.ts';
import type { PortConfig } from '../spec.ts';
import type { Work } from './work.ts';

export interface Given {
  readonly service: SwarmService;
  /** Why its tasks have to wait; '' where they do not. */
  readonly problem: string;
}

/** What it has stays. */
export function giveEndpoint(work: Work, service: SwarmService): Given {
  const spec = { Mode: 'vip', ...service.spec.EndpointSpec } as const;
  const ports = choosePorts(work, service);
  const addresses = spec.Mode === 'dnsrr' ? { kept: [], problem: '' } : chooseAddresses(work, service);
  const endpoint = { spec, ports: ports.kept, addresses: addresses.kept };
  const problem = ports.problem || addresses.problem;
  if (service.endpoint && isDeepStrictEqual(service.endpoint, endpoint)) return { service, problem };
  return { service: work.service({ ...service, endpoint }), problem };
}

interface Chosen<T> {
  readonly kept: readonly T[];
  readonly problem: string;
}

function choosePorts(work: Work, { spec, endpoint, createdAt }: SwarmService): Chosen<PortConfig> {
  const kept: PortConfig[] = [];
  const before = [...(endpoint?.ports ?? [])];
  let problem = '';
  for (const port of spec.EndpointSpec?.Ports ?? []) {
    if (!isIngressPort(port) || port.PublishedPort) {
      kept.push(port);
      continue;
    }
    const same = before.findIndex(
      (one) => one.TargetPort === port.TargetPort && one.Protocol === port.Protocol && one.Name === port.Name,
    );
    const book = work.ledger.ports.get(port.Protocol || 'tcp');
    const [old] = same < 0 ? [] : before.splice(same, 1);
    const number = old?.PublishedPort || book?.next();
    if (number === undefined) problem = 'no port is left in 30000-32767';
    else {
      // the next one of the same service is another one; the record holds it from then on
      if (!old) book?.hold(number, createdAt);
      kept.push({ ...port, PublishedPort: number });
      if (!old) work.afterwards(() => book?.release(number));
    }
  }
  return { kept, problem };
}

function chooseAddresses(work: Work, service: SwarmService): Chosen<VirtualAddress> {
  const kept: VirtualAddress[] = [];
  let problem = '';
  for (const { network, families, isNeeded } of networksWithAddresses(work, service))
    for (const family of families) {
      const old = service.endpoint?.addresses.find(
        (one) => one.networkId === network.id && familyOf(one.address) === family,
      );
      const address = old?.address ?? work.ledger.addresses.next(network.id, family);
      if (address !== undefined) kept.push({ networkId: network.id, address });
      else if (isNeeded) problem = noAddress(network);
    }
  return { kept, problem };
}

export const noAddress = ({ network }: SwarmNetwork): string =>
  `no address is left on network ${network.name}`;

interface Addressed {
  readonly network: SwarmNetwork;
  readonly families: readonly Family[];
  readonly isNeeded: boolean;
}

/** Addresses of `ingress` are shown, and lead nowhere: the mesh does without them. */
function networksWithAddresses(work: Work, { spec }: SwarmService): readonly Addressed[] {
  const ids = new Set(networksOf(spec).map(({ Target = '' }) => Target));
  const own = [...ids].flatMap((id) => work.view.get('networks', id) ?? []);
  const ingress = needsIngress(spec) ? ingressNetwork(work.view) : undefined;
  const addressed = own.map((network) => ({ network, families: familiesOf(network), isNeeded: true }));
  return ingress
    ? [{ network: ingress, families: familiesOf(ingress), isNeeded: false }, ...addressed]
    : addressed;
}

/** Those that addresses are given of. */
export const familiesOf = (network: SwarmNetwork): readonly Family[] =>
  isNodeLocal(network)
    ? []
    : ([4, 6] as const).filter((family) =>
        network.network.ipam.pools.some(({ subnet }) => familyOf(subnet) === family),
      );
