/** The swarm, its nodes, secrets and configs (Docker Engine API 1.50: swarm.Swarm, swarm.Node, swarm.Info). */
import type { SwarmDetail, SwarmVerbs } from '../../engine/swarm-verbs.ts';
import type { Meta, SwarmCluster, SwarmConfig, SwarmNode, SwarmSecret } from '../../swarm/records.ts';
import type { Annotations, ClusterSpec, FileSpec } from '../../swarm/spec.ts';
import { omitEmpty } from '../create/omit-empty.ts';

export const presentMeta = ({ id, version, createdAt, updatedAt }: Meta): object => ({
  ...{ ID: id, Version: { Index: version } },
  ...{ CreatedAt: createdAt, UpdatedAt: updatedAt },
});

export const presentAnnotations = ({ Name, Labels }: Annotations): object => ({
  ...(Name !== '' && { Name }),
  Labels,
});

/** Without keys of the CA, which nobody is shown again. */
function presentClusterSpec(spec: ClusterSpec): object {
  const { Raft, Dispatcher, CAConfig, Orchestration, TaskDefaults, EncryptionConfig } = spec;
  const { SigningCACert: _certificate, SigningCAKey: _key, ForceRotate = 0, ...ca } = CAConfig;
  return {
    ...presentAnnotations(spec),
    ...{ Orchestration, Raft, Dispatcher },
    CAConfig: { ...omitEmpty(ca), ...(ForceRotate > 0 && { ForceRotate }) },
    ...{ TaskDefaults, EncryptionConfig },
  };
}

const presentTls = ({ trustRoot, issuerSubject, issuerPublicKey }: SwarmDetail['tls']): object => ({
  ...{ TrustRoot: trustRoot, CertIssuerSubject: issuerSubject, CertIssuerPublicKey: issuerPublicKey },
});

function presentCluster(cluster: SwarmCluster, tls: SwarmDetail['tls']): object {
  return {
    ...presentMeta(cluster),
    Spec: presentClusterSpec(cluster.spec),
    TLSInfo: presentTls(tls),
    RootRotationInProgress: cluster.nextRoot !== undefined,
    DefaultAddrPool: cluster.addressPools.length > 0 ? cluster.addressPools : null,
    SubnetSize: cluster.subnetSize,
    DataPathPort: cluster.dataPathPort,
  };
}

export const presentSwarm = ({ cluster, tls, tokens }: SwarmDetail): object => ({
  ...presentCluster(cluster, tls),
  JoinTokens: { Worker: tokens.worker, Manager: tokens.manager },
});

/** `Swarm` of `GET /info`. */
export function presentStanding(swarm: Pick<SwarmVerbs, 'standing' | 'counts' | 'inspect'>): object {
  const { state, nodeId, address, isManager, error, managers, warnings } = swarm.standing();
  const counts = swarm.counts();
  return {
    ...{ NodeID: nodeId, NodeAddr: address, LocalNodeState: state },
    ...{ ControlAvailable: isManager, Error: error },
    RemoteManagers:
      managers.length > 0 ? managers.map((each) => ({ NodeID: each.nodeId, Addr: each.address })) : null,
    ...(counts && {
      ...{ Nodes: counts.nodes, Managers: counts.managers },
      Cluster: presentCluster(counts.cluster, swarm.inspect().tls),
    }),
    ...(warnings.length > 0 && { Warnings: warnings }),
  };
}

/** `Swarm` header of a ping: `active/manager`. */
export function presentState(swarm: Pick<SwarmVerbs, 'standing'>): string {
  const { state, isManager } = swarm.standing();
  return state === 'active' ? `active/${isManager ? 'manager' : 'worker'}` : state;
}

export function presentNode(node: SwarmNode, trustRoot: string): object {
  const { Role, Availability } = node.spec;
  const { state, message, address } = node.status;
  return {
    ...presentMeta(node),
    Spec: { ...presentAnnotations(node.spec), Role, Availability },
    Description: presentDescription(node, trustRoot),
    Status: { State: state, ...omitEmpty({ Message: message, Addr: address }) },
    ...(node.manager && { ManagerStatus: presentManager(node.manager) }),
  };
}

function presentDescription({ description, certificate }: SwarmNode, trustRoot: string): object {
  if (!description) return { Platform: {}, Resources: {}, Engine: {}, TLSInfo: {} };
  const { hostname, platform, resources, engine } = description;
  return {
    Hostname: hostname,
    Platform: { Architecture: platform.architecture, OS: platform.os },
    Resources: { NanoCPUs: resources.nanoCpus, MemoryBytes: resources.memoryBytes },
    Engine: {
      EngineVersion: engine.version,
      ...omitEmpty({
        Labels: engine.labels,
        Plugins: engine.plugins.map(({ type, name }) => ({ Type: type, Name: name })),
      }),
    },
    TLSInfo: certificate ? presentTls({ trustRoot, ...certificate }) : {},
  };
}

const presentManager = ({ leader, reachability, address }: NonNullable<SwarmNode['manager']>): object => ({
  ...(leader && { Leader: true }),
  ...{ Reachability: reachability, Addr: address },
});

/** What a secret holds is never shown. */
export const presentSecret = (secret: SwarmSecret): object => presentFile(secret, '');
export const presentConfig = (config: SwarmConfig): object => presentFile(config, config.spec.Data ?? '');

const presentFile = (file: Meta & { readonly spec: FileSpec }, data: string): object => ({
  ...presentMeta(file),
  Spec: {
    ...presentAnnotations(file.spec),
    ...omitEmpty({ Data: data }),
    ...(file.spec.Driver && { Driver: file.spec.Driver }),
    ...(file.spec.Templating && { Templating: file.spec.Templating }),
  },
});
