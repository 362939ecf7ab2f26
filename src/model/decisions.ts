/** Why a change has these addresses, ports and gateways: the choices of its records, each with its reason. */
import { familyOf } from '../net/family.ts';
import type { Endpoint } from './endpoint.ts';
import { type Attachment, isWayOut } from './gateway.ts';
import type { Network } from './network.ts';
import { isMovable } from './ports.ts';
import type { PortMapping, Sandbox } from './sandbox.ts';
import type { Change, View } from './tables.ts';

export interface Choice {
  /** `pool`, `address`, `mac`, `gateway` or `port`. */
  readonly what: string;
  /** The choice, and `why`. */
  readonly fields: Readonly<Record<string, string | number>>;
}

/** `before`: the records without the changes; `after`: with them. */
export interface Views {
  readonly before: Pick<View, 'get'>;
  readonly after: Pick<View, 'get' | 'endpointsOfSandbox'>;
}

export function choicesOf(changes: readonly Change[], views: Views): readonly Choice[] {
  return changes.flatMap((change): readonly Choice[] => {
    if (!('put' in change)) return [];
    if (change.table === 'networks')
      return views.before.get('networks', change.put.id) ? [] : poolChoices(change.put);
    if (change.table === 'endpoints')
      return views.before.get('endpoints', change.put.id) ? [] : endpointChoices(change.put, views);
    if (change.table === 'sandboxes') return sandboxChoices(change.put, views);
    return [];
  });
}

function poolChoices({ name, ipam }: Network): readonly Choice[] {
  return ipam.pools.flatMap((pool) => {
    const sent = ipam.sent?.find(({ subnet }) => subnet !== '' && familyOf(subnet) === familyOf(pool.subnet));
    const why = sent
      ? 'asked for'
      : ipam.driver === 'default' || ipam.driver === ''
        ? 'first of the default address pools that is free and that the host does not route'
        : `given by ${ipam.driver}`;
    const chosen: Choice = { what: 'pool', fields: { network: name, subnet: pool.subnet, why } };
    const { gateway = '' } = pool;
    if (gateway === '') return [chosen];
    const gatewayWhy = sent?.gateway ? 'asked for' : 'first address of the pool';
    return [chosen, { what: 'gateway', fields: { network: name, address: gateway, why: gatewayWhy } }];
  });
}

function endpointChoices(endpoint: Endpoint, { after }: Views): readonly Choice[] {
  const { spec, ifname, mac, addresses, leases } = endpoint;
  const network = after.get('networks', endpoint.networkId)?.name ?? endpoint.networkId;
  const at = { network, interface: ifname };
  const asked = [spec.ipv4, spec.ipv6, ...spec.linkLocal].filter((one) => one !== undefined && one !== '');
  const chosen = addresses.map((address): Choice => {
    const [ip = ''] = address.split('/');
    const why = asked.includes(ip)
      ? 'asked for'
      : leases?.some((lease) => lease.address === address)
        ? 'given by the plugin of its pool'
        : 'next free one of the pool';
    return { what: 'address', fields: { ...at, address, why } };
  });
  if (mac === '') return chosen;
  return [...chosen, { what: 'mac', fields: { ...at, mac, why: spec.mac ? 'asked for' : 'drawn' } }];
}

const textOf = ({ protocol, hostIP, hostPort, containerPort }: PortMapping): string =>
  `${protocol} ${hostIP} ${hostPort} ${containerPort}`;

/** Ports that are listed singly. */
const mostPorts = 100;

function sandboxChoices(sandbox: Sandbox, views: Views): readonly Choice[] {
  const before = views.before.get('sandboxes', sandbox.id);
  const attached = views.after.endpointsOfSandbox(sandbox.id).flatMap((endpoint): readonly Attachment[] => {
    const network = views.after.get('networks', endpoint.networkId);
    return network ? [{ endpoint, network }] : [];
  });
  const gateways = ([4, 6] as const).flatMap((family) => {
    const id = family === 4 ? sandbox.gateway4 : sandbox.gateway6;
    const was = family === 4 ? before?.gateway4 : before?.gateway6;
    const chosen = attached.find(({ endpoint }) => endpoint.id === id);
    return id === was || !chosen ? [] : [gatewayChoice(chosen, { family, attached })];
  });
  const [was, is] = [new Set(before?.ports), new Set(sandbox.ports)];
  const had = new Set([...was.difference(is)].map(textOf));
  const ports = [...is.difference(was)].filter((port) => !had.has(textOf(port)));
  const rest = ports.length - mostPorts;
  const more: readonly Choice[] = rest > 0 ? [{ what: 'port', fields: { more: rest } }] : [];
  return [...gateways, ...ports.slice(0, mostPorts).map(portChoice), ...more];
}

function gatewayChoice(
  { endpoint, network }: Attachment,
  { family, attached }: { readonly family: 4 | 6; readonly attached: readonly Attachment[] },
): Choice {
  const others = attached.filter((other) => other.endpoint.id !== endpoint.id);
  const rivals = others.filter((other) => !isWayOut(other.endpoint));
  const isHighest = rivals.every((other) => other.endpoint.spec.gwPriority < endpoint.spec.gwPriority);
  const why = isWayOut(endpoint)
    ? 'none of its networks leads out'
    : rivals.length === 0
      ? 'its only network'
      : isHighest
        ? 'highest gw-priority'
        : 'leads out in most families, then first by name';
  return {
    what: 'gateway',
    fields: { family: `IPv${family}`, network: network.name, interface: endpoint.ifname, why },
  };
}

function portChoice(port: PortMapping): Choice {
  const { hostIP, hostPort, address, containerPort, protocol, asked } = port;
  const why = !isMovable(port)
    ? 'asked for'
    : asked.hostPort === ''
      ? 'any was asked for: next free one of the dynamic range'
      : `first free one of ${asked.hostPort}`;
  return {
    what: 'port',
    fields: { host: hostIP, hostPort, address, port: `${containerPort}/${protocol}`, why },
  };
}
