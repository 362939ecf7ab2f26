/** Bodies of the routes below `/swarm` and `/nodes` (Docker Engine API 1.50: swarm.InitRequest and others). */
import Type, { type Static } from 'typebox';
import { flag, integer, text, textMap, texts, unsigned, unsigned32 } from './fields.ts';

export const driver = Type.Object({ Name: text, Options: textMap });

const externalCa = Type.Object({ Protocol: text, URL: text, Options: textMap, CACert: text });

const clusterFields = {
  Name: text,
  Labels: textMap,
  Orchestration: Type.Optional(Type.Object({ TaskHistoryRetentionLimit: integer })),
  Raft: Type.Optional(
    Type.Object({
      SnapshotInterval: unsigned,
      KeepOldSnapshots: unsigned,
      LogEntriesForSlowFollowers: unsigned,
      ElectionTick: integer,
      HeartbeatTick: integer,
    }),
  ),
  Dispatcher: Type.Optional(Type.Object({ HeartbeatPeriod: integer })),
  CAConfig: Type.Optional(
    Type.Object({
      NodeCertExpiry: integer,
      ExternalCAs: Type.Optional(Type.Array(externalCa)),
      SigningCACert: text,
      SigningCAKey: text,
      ForceRotate: unsigned,
    }),
  ),
  TaskDefaults: Type.Optional(Type.Object({ LogDriver: Type.Optional(driver) })),
  EncryptionConfig: Type.Optional(Type.Object({ AutoLockManagers: flag })),
};

export const clusterSpec = Type.Object(clusterFields, { title: 'Spec' });

export const swarmInit = Type.Object(
  {
    ListenAddr: text,
    AdvertiseAddr: text,
    DataPathAddr: text,
    DataPathPort: unsigned32,
    ForceNewCluster: flag,
    Spec: Type.Optional(Type.Object(clusterFields)),
    AutoLockManagers: flag,
    Availability: text,
    DefaultAddrPool: texts,
    SubnetSize: unsigned32,
  },
  { title: 'InitRequest' },
);

export const swarmJoin = Type.Object(
  {
    ListenAddr: text,
    AdvertiseAddr: text,
    DataPathAddr: text,
    RemoteAddrs: texts,
    JoinToken: text,
    Availability: text,
  },
  { title: 'JoinRequest' },
);

export const swarmUnlock = Type.Object({ UnlockKey: text }, { title: 'UnlockRequest' });

export const nodeSpec = Type.Object(
  { Name: text, Labels: textMap, Role: text, Availability: text },
  { title: 'NodeSpec' },
);

export const fileSpec = (title: 'SecretSpec' | 'ConfigSpec') =>
  Type.Object(
    {
      ...{ Name: text, Labels: textMap, Data: text },
      ...{ Driver: Type.Optional(driver), Templating: Type.Optional(driver) },
    },
    { title },
  );

export type ClusterSpecBody = Static<typeof clusterSpec>;
export type SwarmInit = Static<typeof swarmInit>;
export type SwarmJoin = Static<typeof swarmJoin>;
export type NodeSpecBody = Static<typeof nodeSpec>;
export type FileSpecBody = Static<ReturnType<typeof fileSpec>>;
