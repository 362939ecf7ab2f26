/** Causes in the records of both ends: what a network or a published port does not allow. */
import { accessLinkOf } from '../model/host-links.ts';
import type { Network } from '../model/network.ts';
import type { PortMapping } from '../model/sandbox.ts';
import type { View } from '../model/tables.ts';
import { joinHostPort } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import type { Cause } from './causes.ts';
import { commonNetworks, type End, type LocalEnd, placeOf } from './ends.ts';
import type { Target } from './question.ts';

export interface Between {
  readonly view: View;
  readonly from: End;
  readonly to: End;
  readonly target: Target;
  readonly mapping?: PortMapping;
}

const networksOf = (view: View, { endpoints }: LocalEnd): readonly Network[] =>
  endpoints.flatMap(({ networkId }) => view.get('networks', networkId) ?? []);

const names = (networks: readonly Network[]): string => networks.map(({ name }) => name).join(', ') || 'none';

/** Both are containers of one host or of a cluster, and share no network. */
export function apartCause(between: Between): Cause | undefined {
  const { view, from, to, mapping } = between;
  if (from.kind !== 'container' || mapping) return undefined;
  if (to.kind !== 'container' && to.kind !== 'peer' && to.kind !== 'service') return undefined;
  if (from.sandbox && to.kind === 'container' && to.sandbox?.id === from.sandbox.id) return undefined;
  if (commonNetworks(view, between).length > 0) return undefined;
  const theirs =
    to.kind === 'container'
      ? networksOf(view, to)
      : (to.kind === 'peer' ? [to.peer] : to.services).flatMap(
          ({ networkId }) => view.get('networks', networkId) ?? [],
        );
  const joined =
    theirs.find(({ predefined }) => !predefined)?.name ?? networksOf(view, from)[0]?.name ?? 'NETWORK';
  const joins = theirs.some(({ name }) => name === joined) ? from.name : to.name;
  return {
    ...{ code: 'no-common-network', at: placeOf(from), cure: `seaway network connect ${joined} ${joins}` },
    sentence: `${from.name} (${names(networksOf(view, from))}) and ${to.name} (${names(theirs)}) have no common network`,
  };
}

/** The sender has no way out, because all of its networks are internal; or the receiver has no way in. */
export function internalCause({ view, from, to }: Between): Cause | undefined {
  if (from.kind === 'container' && (to.kind === 'outside' || to.kind === 'host')) {
    const networks = networksOf(view, from);
    const closed = networks.filter(({ internal }) => internal);
    if (networks.length > 0 && closed.length === networks.length)
      return {
        ...{ code: 'internal-network', at: `network ${names(closed)}` },
        sentence: `${from.name} is only on internal networks (${names(closed)}), from which nothing gets out`,
        cure: `connect ${from.name} to a network that is not internal: seaway network connect bridge ${from.name}`,
      };
  }
  if (from.kind !== 'container' && from.kind !== 'host' && to.kind === 'container') {
    const networks = networksOf(view, to);
    const closed = networks.filter(({ internal }) => internal);
    if (networks.length > 0 && closed.length === networks.length)
      return {
        ...{ code: 'internal-network', at: `network ${names(closed)}` },
        sentence: `${to.name} is only on internal networks (${names(closed)}), into which nothing gets from outside`,
        cure: `connect ${to.name} to a network that is not internal, and publish its port`,
      };
  }
  return undefined;
}

/** Their network keeps its containers apart. */
export function isolationCause(between: Between): Cause | undefined {
  const { view, from, to } = between;
  const common = commonNetworks(view, between);
  const isApart = ({ network }: { readonly network: Network }): boolean =>
    view.drivers.find(network.driver).forwarding?.(network).icc === false;
  if (from.kind !== 'container' || common.length === 0 || !common.every(isApart)) return undefined;
  const name = common[0]?.network.name ?? '';
  return {
    ...{ code: 'icc-off', at: `network ${name}` },
    sentence: `network ${name} keeps its containers apart (com.docker.network.bridge.enable_icc=false)`,
    cure: `put ${from.name} and ${to.name} on a network without that option, or publish the port of ${to.name}`,
  };
}

/** The host does not reach interfaces that stand beside its own on one parent (macvlan, ipvlan). */
export function parentCause({ view, from, to }: Between): Cause | undefined {
  const end = from.kind === 'host' ? to : to.kind === 'host' ? from : undefined;
  if (end?.kind !== 'container') return undefined;
  const networks = networksOf(view, end);
  const [first] = networks;
  const isBeside = (network: Network): boolean =>
    (network.driver === 'macvlan' || network.driver === 'ipvlan') &&
    accessLinkOf(view.drivers, network) === '';
  if (!first || !networks.every(isBeside)) return undefined;
  return {
    ...{ code: 'host-apart', at: `network ${first.name}` },
    sentence: `${end.name} is on ${first.driver} networks only (${names(networks)}), whose containers and this host do not reach each other`,
    cure: `create ${first.name} with -o seaway.host_access=true, or connect ${end.name} to a bridge network as well`,
  };
}

/** From outside a container is reached by its published ports alone. */
export function publishedCause({ from, to, target, mapping }: Between): Cause | undefined {
  if (from.kind === 'container' || from.kind === 'host' || to.kind !== 'container' || mapping)
    return undefined;
  const { port, protocol } = target;
  const ports = to.sandbox?.ports ?? [];
  const at = 'this host';
  if (port === undefined)
    return {
      ...{ code: 'port-not-published', at },
      sentence: `from outside, ${to.name} is reached by its published ports only (${portsText(ports)})`,
      cure: `name a port: seaway explain ${from.name} ${to.name}:PORT`,
    };
  const other = ports.find((each) => each.containerPort === port || each.hostPort === port);
  if (other && other.protocol !== protocol)
    return {
      ...{ code: 'published-elsewhere', at },
      sentence: `port ${port} of ${to.name} is published for ${other.protocol} only, not for ${protocol}`,
      cure: `publish it: -p ${port}:${port}/${protocol}`,
    };
  if (other) return elsewhere(to, other, at);
  return {
    ...{ code: 'port-not-published', at },
    sentence: `port ${port}/${protocol} of ${to.name} is not published (${portsText(ports)})`,
    cure: `run ${to.name} again with -p ${port}:${port}${protocol === 'udp' ? '/udp' : ''}`,
  };
}

const portsText = (ports: readonly PortMapping[]): string =>
  ports.length === 0 ? 'it publishes none' : `it publishes ${ports.map(mappingText).slice(0, 8).join(', ')}`;

const mappingText = ({ hostIP, hostPort, containerPort, protocol }: PortMapping): string =>
  `${joinHostPort(hostIP, hostPort)}->${containerPort}/${protocol}`;

const elsewhere = (
  to: LocalEnd,
  { hostIP, hostPort, containerPort, protocol }: PortMapping,
  at: string,
): Cause => ({
  ...{ code: 'published-elsewhere', at },
  sentence: `port ${containerPort}/${protocol} of ${to.name} is published on ${joinHostPort(hostIP, hostPort)} only`,
  cure: `publish it on every address: -p ${hostPort}:${containerPort}`,
});

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';

/** The published port by which an address of the host leads on; undefined for none. */
export function mappingAt(
  view: View,
  { address, port, protocol }: { readonly address: string; readonly port: number; readonly protocol: string },
): { readonly mapping: PortMapping; readonly sandboxId: string } | undefined {
  const family: Family = familyOf(address);
  for (const { id, ports } of view.all('sandboxes'))
    for (const mapping of ports) {
      const isThere = isAny(mapping.hostIP)
        ? familyOf(mapping.hostIP) === family
        : mapping.hostIP === address;
      if (isThere && mapping.hostPort === port && mapping.protocol === protocol)
        return { mapping, sandboxId: id };
    }
  return undefined;
}

/** Another address of the host has the port published. */
export function otherAddressCause(
  view: View,
  { address, port, protocol }: { readonly address: string; readonly port: number; readonly protocol: string },
): Cause | undefined {
  for (const { ports, containerId } of view.all('sandboxes'))
    for (const mapping of ports) {
      if (mapping.hostPort !== port || mapping.protocol !== protocol) continue;
      const name = view.get('containers', containerId)?.name ?? 'a container';
      return {
        ...{ code: 'published-elsewhere', at: 'this host' },
        sentence: `port ${port}/${protocol} is published on ${joinHostPort(mapping.hostIP, port)} only (${name}), not on ${address}`,
        cure: `publish it on every address: -p ${port}:${mapping.containerPort}`,
      };
    }
  return undefined;
}
