/** The nodes of the recording engine's swarm, and what it says of itself. */
import { id, meta } from './objects.ts';

const tls = {
  TrustRoot: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  CertIssuerSubject: 'MBMxETAPBgNVBAMTCHN3YXJtLWNh',
  CertIssuerPublicKey: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE',
};

const node = (name: string, more: object) => ({
  ...meta(name),
  Spec: { Labels: {}, Role: 'worker', Availability: 'active' },
  Description: {
    Hostname: `host-${name}`,
    Platform: { Architecture: 'x86_64', OS: 'linux' },
    Resources: { NanoCPUs: 2000000000, MemoryBytes: 4123456789 },
    Engine: { EngineVersion: '28.5.0' },
    TLSInfo: tls,
  },
  Status: { State: 'ready', Addr: '192.0.2.1' },
  ...more,
});

export const nodes = [
  node('nodea', {
    Spec: { Labels: { zone: 'z1', ssd: '' }, Role: 'manager', Availability: 'active', Name: 'named' },
    Description: {
      Hostname: 'host-a',
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: { NanoCPUs: 2500000000, MemoryBytes: 4123456789 },
      Engine: {
        EngineVersion: '28.5.0',
        Labels: { a: 'b' },
        Plugins: [
          { Type: 'Network', Name: 'overlay' },
          { Type: 'Network', Name: 'bridge' },
          { Type: 'Volume', Name: 'local' },
        ],
      },
      TLSInfo: tls,
    },
    ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: '192.0.2.1:2377' },
  }),
  node('nodeb', { Status: { State: 'down', Message: 'heartbeat failure', Addr: '192.0.2.2' } }),
  node('nodec', {
    Spec: { Labels: {}, Role: 'manager', Availability: 'drain' },
    ManagerStatus: { Reachability: 'unreachable', Addr: '192.0.2.3:2377' },
  }),
];

export const swarm = {
  ...meta('clus'),
  Spec: {
    Name: 'default',
    Labels: {},
    Orchestration: { TaskHistoryRetentionLimit: 5 },
    Raft: {
      SnapshotInterval: 10000,
      KeepOldSnapshots: 0,
      LogEntriesForSlowFollowers: 500,
      ElectionTick: 10,
      HeartbeatTick: 1,
    },
    Dispatcher: { HeartbeatPeriod: 5000000000 },
    CAConfig: { NodeCertExpiry: 7776000000000000 },
    TaskDefaults: {},
    EncryptionConfig: { AutoLockManagers: true },
  },
  TLSInfo: tls,
  RootRotationInProgress: false,
  JoinTokens: { Worker: 'SWMTKN-1-worker', Manager: 'SWMTKN-1-manager' },
};

export const info = {
  ID: 'engine',
  Swarm: {
    NodeID: id('nodea'),
    NodeAddr: '192.0.2.1',
    LocalNodeState: 'active',
    ControlAvailable: true,
    RemoteManagers: [
      { NodeID: id('nodea'), Addr: '192.0.2.1:2377' },
      { NodeID: id('nodec'), Addr: '192.0.2.3:2377' },
    ],
    Nodes: 3,
    Managers: 2,
    Cluster: swarm,
  },
};
