/** The network as one picture: what the records say, and what does not hold. */
import type { Container } from '../../model/container.ts';
import { isAlive } from '../../model/container-state.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Network } from '../../model/network.ts';
import type { Node } from '../../model/node.ts';
import type { Peer } from '../../model/peer.ts';
import { publishedSpecs } from '../../model/port-specs.ts';
import { asNetworkName, hostNetwork } from '../../model/predefined-names.ts';
import type { View } from '../../model/tables.ts';
import type { ServedService } from '../../model/virtual-service.ts';
import type { Degraded } from '../../reconcile/retries.ts';
import type {
  MapContainer,
  MapEndpoint,
  MapHost,
  MapNetwork,
  MapNode,
  MapService,
  NetworkMap,
} from '../map-verbs.ts';
import { troublesOf } from './troubles.ts';

export interface PictureFacts {
  readonly host: MapHost;
  /** Failures that are being retried. */
  readonly degraded: readonly Degraded[];
}

export function pictureOf(view: View, { host, degraded }: PictureFacts): NetworkMap {
  const networks = [...view.all('networks')];
  return {
    host,
    networks: networks.filter(({ configOnly }) => !configOnly).map(drawNetwork),
    containers: Array.from(view.all('containers'), (container) => drawContainer(view, container)),
    endpoints: networks.flatMap(({ id }) => [
      ...view.endpointsOfNetwork(id).map(drawEndpoint),
      ...view.peersOfNetwork(id).map(drawPeer),
    ]),
    nodes: Array.from(view.all('nodes'), drawNode),
    services: Array.from(view.all('services'), drawService),
    troubles: troublesOf(view, degraded),
  };
}

const drawNetwork = (network: Network): MapNetwork => ({
  ...{ id: network.id, name: network.name, driver: network.driver, scope: network.scope },
  ...{ internal: network.internal, predefined: network.predefined, ingress: network.ingress },
  encrypted: network.overlay?.encrypted ?? false,
  link: network.link,
  pools: network.ipam.pools.map(({ subnet, gateway = '' }) => ({ subnet, gateway })),
  options: network.options,
  labels: network.labels,
});

function drawContainer(view: View, container: Container): MapContainer {
  const { id, name, config, hostConfig, state, sandboxId } = container;
  const sandbox = view.sandboxOfContainer(id);
  const joined = sandboxId === '' || sandbox ? '' : (view.get('sandboxes', sandboxId)?.containerId ?? '');
  return {
    ...{ id, name, image: config.Image, status: state.status, exitCode: state.exitCode, joined },
    health: state.health?.status ?? '',
    startedAt: isAlive(container) ? state.startedAt : '',
    mode: hostConfig.NetworkMode,
    networks: networksOf(view, container),
    labels: config.Labels ?? {},
    specs: hostConfig.NetworkMode === hostNetwork ? [] : publishedSpecs(container),
    ports: sandbox?.ports ?? [],
    isUp: sandboxId !== '',
  };
}

/** A membership names its network as its user did: by name, or by a part of its id. */
function networksOf(view: View, { id, networks }: Container): readonly string[] {
  const sandbox = view.sandboxOfContainer(id);
  if (sandbox) return view.endpointsOfSandbox(sandbox.id).map(({ networkId }) => networkId);
  return networks.flatMap(({ network: ref }) => {
    const asked = asNetworkName(ref);
    const found =
      view.networkByName(asked) ??
      view.get('networks', asked) ??
      Array.from(view.all('networks')).find((each) => each.id.startsWith(asked));
    return found ? [found.id] : [];
  });
}

const drawEndpoint = (endpoint: Endpoint): MapEndpoint => ({
  ...{ id: endpoint.id, networkId: endpoint.networkId, containerId: endpoint.containerId, nodeId: '' },
  kind: endpoint.containerId === '' ? 'namespace' : 'container',
  ...{ name: endpoint.name, addresses: endpoint.addresses, mac: endpoint.mac },
  ...{ ifname: endpoint.ifname, hostLink: endpoint.hostLink, names: endpoint.dnsNames },
});

const drawPeer = (peer: Peer): MapEndpoint => ({
  ...{ id: peer.id, networkId: peer.networkId, containerId: '', nodeId: peer.nodeId, kind: 'peer' },
  ...{ name: peer.name, addresses: peer.addresses, mac: peer.mac },
  ...{ ifname: '', hostLink: '', names: peer.dnsNames },
});

const drawNode = ({ id, name, here, lost, data4, data6 }: Node): MapNode => ({
  ...{ id, name, status: here ? 'here' : lost ? 'lost' : 'ready' },
  addresses: [data4, data6].filter((address) => address !== undefined),
});

const drawService = ({ id, networkId, name, addresses, backends }: ServedService): MapService => ({
  ...{ id, networkId, name, addresses, tasks: backends.length },
  open: backends.filter(({ open }) => open).length,
});
