/** Etcd, the real server: the contract, and what happens to servers. */
import { beforeAll, describe } from 'vitest';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';
import { kvContract } from '../../contract/kv.ts';
import { etcdProgram, etcdServer } from './etcd-server.ts';

describe.skipIf(etcdProgram === undefined)('etcd', () => {
  const server = etcdServer();
  beforeAll(() => server.start());
  kvContract((folder) => openKv(parseSource(`etcd://${server.address}:2379/some/prefix`), { folder }));
});
