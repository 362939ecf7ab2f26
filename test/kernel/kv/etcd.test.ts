/** Etcd, the real server: the contract, and what happens to servers. */
import { beforeAll, describe } from 'vitest';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';
import { kvContract } from '../../contract/kv.ts';
import { etcdCases } from './etcd-only.ts';
import { etcdProgram, etcdServer } from './etcd-server.ts';
import { tlsCases } from './faults/tls.ts';
import { faultCases } from './faults.ts';
import { titleOf } from './server.ts';

describe.skipIf(etcdProgram === undefined)(titleOf('etcd', etcdProgram), () => {
  const server = etcdServer();
  beforeAll(() => server.start());
  kvContract((folder) => openKv(parseSource(`etcd://${server.address}:2379/some/prefix`), { folder }));
  faultCases({ scheme: 'etcd', port: 2379, server, ttl: 3000, expiry: 15000 });
  tlsCases({
    scheme: 'etcd',
    port: 2379,
    secured: (tls, address) => etcdServer({ tls, address }),
    plain: { server, port: 2379 },
  });
  etcdCases(server, etcdServer());
});
