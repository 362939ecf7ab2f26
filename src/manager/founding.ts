/** A new swarm: its CAs, its keys and its first records. */
import { timeText } from '../swarm/context.ts';
import { firstNetworks } from '../swarm/networks.ts';
import type { SwarmChange, SwarmCluster, SwarmKeys, SwarmNode } from '../swarm/records.ts';
import type { Availability, ClusterSpec } from '../swarm/spec.ts';
import { makeCredentials, makeRootCa } from './certificates.ts';
import { generate } from './generate.ts';
import type { ManagerKeys, NodeKeys } from './node-files.ts';
import { type Credentials, makeCrl } from './root-ca.ts';
import { certifiedBy } from './root-rotation.ts';
import { newSecret } from './sealing.ts';
import { peerCertificateOf } from './subject.ts';
import { newToken, newUnlockKey } from './tokens.ts';

export interface FoundingRequest {
  readonly spec: ClusterSpec;
  readonly availability: Availability;
  /** IP, and `IP:port` of the manager API. */
  readonly address: string;
  readonly advertise: string;
  readonly addressPools: readonly string[];
  readonly subnetSize: number;
  readonly dataPathPort: number;
  readonly mtu: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Founded {
  readonly nodeId: string;
  readonly clusterId: string;
  readonly rootCa: string;
  readonly keys: NodeKeys & { readonly manager: ManagerKeys };
  /** '' without autolock. */
  readonly unlockKey: string;
  readonly changes: readonly SwarmChange[];
}

/** Certificates of members of etcd are short: there is no other way to take one back. */
export const peerLife = 7 * 24 * 3_600_000;

/** Milliseconds; at least an hour, as in Docker. */
export const lifeOf = ({ CAConfig }: ClusterSpec): number =>
  Math.max(3_600_000, (CAConfig.NodeCertExpiry ?? 0) / 1e6);

export async function foundSwarm(request: FoundingRequest): Promise<Founded> {
  const [nodeId, clusterId] = [generate.id(), generate.id()];
  const [root, peerRoot] = await Promise.all([makeRootCa('swarm-ca'), makeRootCa('swarm-peers')]);
  const subject = { nodeId, clusterId, role: 'manager' } as const;
  const [node, peer] = await Promise.all([
    makeCredentials({ ca: root, subject, life: lifeOf(request.spec), addresses: [request.address] }),
    makeCredentials({ ca: peerRoot, subject, life: peerLife, addresses: [request.address, '127.0.0.1'] }),
  ]);
  const unlockKey = request.spec.EncryptionConfig.AutoLockManagers ? newUnlockKey() : '';
  const ids = { nodeId, clusterId };
  return {
    ...{ ...ids, rootCa: root.certificate, unlockKey },
    keys: {
      node,
      manager: {
        ...{ state: newSecret().toString('base64'), peer, peerCa: peerRoot.certificate },
        peerCrl: await makeCrl(peer, []),
      },
    },
    changes: firstRecords(request, { ...ids, root, peerRoot, peer, unlockKey }),
  };
}

interface Made {
  readonly nodeId: string;
  readonly clusterId: string;
  readonly root: Credentials;
  readonly peerRoot: Credentials;
  readonly peer: Credentials;
  readonly unlockKey: string;
}

function firstRecords(request: FoundingRequest, made: Made): readonly SwarmChange[] {
  const { now, spec, addressPools, subnetSize, dataPathPort, mtu } = request;
  const at = timeText(now);
  const meta = { version: 0, createdAt: at, updatedAt: at };
  const { root, peerRoot, clusterId, unlockKey } = made;
  const cluster: SwarmCluster = {
    ...{ ...meta, id: clusterId, spec, rootCa: root.certificate },
    ...{ addressPools, subnetSize, dataPathPort, epoch: { id: generate.id(), generation: 1 } },
  };
  const keys: SwarmKeys = {
    ...{ ...meta, id: clusterId, rootKey: root.key, unlockKey },
    ...{ peerCa: peerRoot.certificate, peerKey: peerRoot.key },
    ...{ workerToken: newToken(root.certificate), managerToken: newToken(root.certificate) },
  };
  const networks = firstNetworks({ addressPools, subnetSize, mtu }, { generate, now });
  return [
    { table: 'cluster', put: cluster },
    { table: 'keys', put: keys },
    { table: 'nodes', put: firstNode(request, made) },
    ...networks.map((put) => ({ table: 'networks', put }) satisfies SwarmChange),
  ];
}

function firstNode({ now, availability, address, advertise }: FoundingRequest, made: Made): SwarmNode {
  const at = timeText(now);
  const trustRoot = made.root.certificate;
  return {
    ...{ id: made.nodeId, version: 0, createdAt: at, updatedAt: at, number: 1, specChangedAfter: 0 },
    spec: { Name: '', Labels: {}, Role: 'manager', Availability: availability },
    status: { state: 'unknown', message: '', address, since: at },
    manager: { address: advertise, reachability: 'reachable', leader: true },
    certificate: certifiedBy(trustRoot, trustRoot),
    peerCertificates: [peerCertificateOf(made.peer.certificate)],
  };
}
