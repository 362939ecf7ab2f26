/** `GET /seaway/swarm`. */
import type { SwarmState } from '../../engine/swarm-verbs.ts';
import { presentUse } from './network.ts';

export const presentSwarmState = ({ revision, nodes, networks }: SwarmState): object => ({
  Revision: revision,
  Nodes: nodes.map(({ node: { id, description, status, manager }, progress }) => ({
    ID: id,
    Hostname: description?.hostname ?? '',
    Status: status.state,
    Leader: manager?.leader ?? false,
    Revision: progress?.revision ?? null,
    BehindSeconds: progress?.behind === undefined ? 0 : Math.round(progress.behind / 1e3),
    BusyPorts: description?.busyPorts ?? [],
  })),
  Networks: networks.map(({ network: { id, name }, use }) => ({
    ID: id,
    Name: name,
    Subnets: presentUse(use),
  })),
});
