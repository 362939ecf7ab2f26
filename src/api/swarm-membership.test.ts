/** Routes of the swarm as a whole and of its nodes. Answers are those of Docker 28.5 for the same requests. */
import { afterAll, expect, test } from 'vitest';
import { swarmApi } from '../../test/api/swarm-api.ts';

const { api, ask, node, calls } = swarmApi();
afterAll(() => api.close());

const refused = (text: string) => ({ status: 400, answer: { message: text } });

test('a node is shown with its address and what runs it', async () => {
  const { answer } = await ask('GET', '/nodes?filters={"membership":["accepted"],"role":["worker"]}');
  expect(answer).toMatchObject([
    {
      ID: node.id,
      Spec: { Labels: {}, Role: 'worker', Availability: 'active' },
      Description: { Hostname: 'node1', Engine: { EngineVersion: '28.5' } },
      Status: { State: 'ready', Addr: '192.0.2.1' },
    },
  ]);
  expect((await ask('GET', '/nodes?filters={"membership":["pending"]}')).answer).toEqual([]);
});

test('the swarm, and where this node stands', async () => {
  expect((await ask('GET', '/swarm')).answer).toMatchObject({
    Spec: { Name: 'default', Orchestration: { TaskHistoryRetentionLimit: 5 } },
    TLSInfo: { TrustRoot: 'PEM' },
    RootRotationInProgress: false,
    DefaultAddrPool: null,
    JoinTokens: { Worker: 'W', Manager: 'M' },
  });
  expect((await ask('HEAD', '/_ping')).headers.swarm).toBe('active/manager');
  const { answer } = await ask('GET', '/info');
  expect(answer).toMatchObject({
    Swarm: { NodeID: node.id, LocalNodeState: 'active', ControlAvailable: true, Nodes: 1, Managers: 1 },
  });
  expect(JSON.stringify(answer)).not.toContain('JoinTokens');
});

test('a swarm is made with the defaults of what was not said', async () => {
  await ask('POST', '/swarm/init', { ListenAddr: '0.0.0.0:2377', Availability: 'drain' });
  expect(JSON.parse((calls.pop() ?? '').slice('swarm init '.length))).toMatchObject({
    listenAddress: '0.0.0.0:2377',
    availability: 'drain',
    spec: {
      Name: 'default',
      Raft: { SnapshotInterval: 10_000, ElectionTick: 10 },
      CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
    },
  });
  const other = await ask('POST', '/swarm/init', { Spec: { Name: 'x' } });
  expect(other).toMatchObject(refused('swarm spec must be named "default"'));
});

test('an update leaves what it does not name', async () => {
  await ask('POST', '/swarm/update?version=1&rotateWorkerToken=1', {
    Orchestration: { TaskHistoryRetentionLimit: 0 },
  });
  expect(JSON.parse((calls.pop() ?? '').slice('swarm update '.length))).toMatchObject({
    spec: {
      Orchestration: { TaskHistoryRetentionLimit: 0 },
      Raft: { ElectionTick: 10, HeartbeatTick: 1 },
    },
    version: 1,
    rotate: { workerToken: true, managerToken: false, unlockKey: false },
  });
});
