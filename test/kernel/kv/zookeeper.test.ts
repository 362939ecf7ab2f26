/** ZooKeeper, the real server: the contract, and what happens to servers. */
import { beforeAll, describe } from 'vitest';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';
import { kvContract } from '../../contract/kv.ts';
import { tlsCases } from './faults/tls.ts';
import { faultCases } from './faults.ts';
import { titleOf } from './server.ts';
import { hasZooKeeper, zookeeperServer } from './zookeeper-server.ts';

describe.skipIf(!hasZooKeeper)(titleOf('ZooKeeper', hasZooKeeper), () => {
  const server = zookeeperServer();
  beforeAll(() => server.start());
  kvContract((folder) => openKv(parseSource(`zk://${server.address}:2181/some/prefix`), { folder }));
  faultCases({ scheme: 'zk', port: 2181, server, ttl: 3000, expiry: 15000 });
  tlsCases({
    scheme: 'zk',
    port: 2182,
    secured: (tls, address) => zookeeperServer({ tls, address }),
    plain: { server, port: 2181 },
  });
});
