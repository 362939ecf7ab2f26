/** Consul, the real server: the contract, and what happens to servers. */
import { beforeAll, describe } from 'vitest';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';
import { kvContract } from '../../contract/kv.ts';
import { consulCases, longListCases } from './consul-only.ts';
import { consulProgram, consulServer, guardedConsul } from './consul-server.ts';
import { tlsCases } from './faults/tls.ts';
import { faultCases } from './faults.ts';
import { titleOf } from './server.ts';

describe.skipIf(consulProgram === undefined)(titleOf('Consul', consulProgram), () => {
  const server = consulServer();
  beforeAll(() => server.start());
  kvContract((folder) => openKv(parseSource(`consul://${server.address}:8500/some/prefix`), { folder }));
  faultCases({ scheme: 'consul', port: 8500, server, ttl: 10000, expiry: 40000 });
  longListCases(server);
  tlsCases({
    scheme: 'consul',
    port: 8501,
    secured: (tls, address) => consulServer({ tls, address }),
    plain: { server, port: 8500 },
  });
  const token = '3f0c8c2e-5d0b-4a52-9c43-0d3a5d3c7a11';
  consulCases(guardedConsul(token), token);
});
