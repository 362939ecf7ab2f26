/** Consul, the real server: the contract, and what happens to servers. */
import { beforeAll, describe } from 'vitest';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';
import { kvContract } from '../../contract/kv.ts';
import { consulProgram, consulServer } from './consul-server.ts';

describe.skipIf(consulProgram === undefined)('Consul', () => {
  const server = consulServer();
  beforeAll(() => server.start());
  kvContract((folder) => openKv(parseSource(`consul://${server.address}:8500/some/prefix`), { folder }));
});
