/** `GET /seaway/map`, and what belongs to it. */
import type { MapContainer, MapRule, MapTraffic, NetworkMap } from '../../engine/map-verbs.ts';
import { presentPorts } from './published-ports.ts';

/** The same records give the same JSON, so that answers can be compared. */
export const presentMap = (map: NetworkMap): object => ({
  Host: {
    Name: map.host.name,
    Links: map.host.links.map(({ name, addresses }) => ({ Name: name, Addresses: addresses })),
  },
  Networks: map.networks.map((network) => ({
    Id: network.id,
    Name: network.name,
    Driver: network.driver,
    Scope: network.scope,
    Internal: network.internal,
    Predefined: network.predefined,
    Ingress: network.ingress,
    Encrypted: network.encrypted,
    Link: network.link,
    Pools: network.pools.map(({ subnet, gateway }) => ({ Subnet: subnet, Gateway: gateway })),
    Options: network.options,
    Labels: network.labels,
  })),
  Containers: map.containers.map(presentContainer),
  Endpoints: map.endpoints.map((endpoint) => ({
    Id: endpoint.id,
    Network: endpoint.networkId,
    Kind: endpoint.kind,
    Container: endpoint.containerId,
    Host: endpoint.nodeId,
    Name: endpoint.name,
    Addresses: endpoint.addresses,
    MacAddress: endpoint.mac,
    Interface: endpoint.ifname,
    HostLink: endpoint.hostLink,
    DNSNames: endpoint.names,
  })),
  Hosts: map.nodes.map(({ id, name, status, addresses }) => ({
    ...{ Id: id, Name: name, Status: status, Addresses: addresses },
  })),
  Services: map.services.map(({ id, networkId, name, addresses, tasks, open }) => ({
    ...{ Id: id, Network: networkId, Name: name, Addresses: addresses, Tasks: tasks, Open: open },
  })),
  Troubles: map.troubles.map(({ kind, id, at, why, since, next }) => ({
    ...{ Kind: kind, Id: id, At: at, Why: why, Since: since, NextAttempt: next },
  })),
});

function presentContainer(container: MapContainer): object {
  const { id, name, isUp, specs, ports } = container;
  const shown = { id, name, sandboxId: isUp ? id : '' };
  return {
    Id: id,
    Name: name,
    Image: container.image,
    State: container.status,
    Health: container.health,
    StartedAt: container.startedAt,
    ExitCode: container.exitCode,
    NetworkMode: container.mode,
    Joined: container.joined,
    Networks: container.networks,
    Labels: container.labels,
    Ports: presentPorts({ container: shown, specs, ports, refused: new Set() }).Ports,
  };
}

export const presentTraffic = ({ at, endpoints, networks, links, dns }: MapTraffic): object => ({
  At: Math.round(at),
  Endpoints: countersOf(endpoints),
  Networks: countersOf(networks),
  Links: countersOf(links),
  DNS: dns
    ? {
        Questions: dns.questions.udp + dns.questions.tcp,
        Answers: dns.answers.map(({ by, code, count }) => ({ By: by, Code: code, Count: count })),
        Unanswered: dns.unanswered,
      }
    : null,
});

/** Received and sent bytes, received and sent packets, packets that were dropped. */
const countersOf = (all: MapTraffic['endpoints']): object =>
  Object.fromEntries(
    Array.from(all, ([key, { rxBytes, txBytes, rxPackets, txPackets, rxDropped, txDropped }]) => [
      key,
      [rxBytes, txBytes, rxPackets, txPackets, rxDropped + txDropped],
    ]),
  );

export const presentRule = ({ table, chain, text, why }: MapRule): object => ({
  ...{ Table: table, Chain: chain, Text: text, Reason: why },
});
