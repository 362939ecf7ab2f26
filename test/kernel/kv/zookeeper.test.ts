/** ZooKeeper, the real server: the contract, and what happens to servers. */
import { beforeAll, describe } from 'vitest';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';
import { kvContract } from '../../contract/kv.ts';
import { hasZooKeeper, zookeeperServer } from './zookeeper-server.ts';

describe.skipIf(!hasZooKeeper)('ZooKeeper', () => {
  const server = zookeeperServer();
  beforeAll(() => server.start());
  kvContract((folder) => openKv(parseSource(`zk://${server.address}:2181/some/prefix`), { folder }));
});
