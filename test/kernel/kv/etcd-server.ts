import { createServer, freeAddress, programOf, type Server, type ServerOptions } from './server.ts';

export const etcdProgram = programOf('etcd', 'etcd/usr/bin/etcd');

export function etcdServer({
  tls,
  address = freeAddress(),
  within,
  flags = [],
}: ServerOptions & { readonly flags?: readonly string[] } = {}): Server {
  const scheme = tls ? 'https' : 'http';
  const client = `${scheme}://${address}:2379`;
  const peer = `http://${address}:2380`;
  return createServer({
    ...{ address, within },
    port: 2379,
    ready: async () => true,
    command: (folder) => [
      etcdProgram ?? 'etcd',
      ...['--data-dir', `${folder}/data`, '--log-level', 'error', ...flags],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...[
        '--listen-peer-urls',
        peer,
        '--initial-advertise-peer-urls',
        peer,
        '--initial-cluster',
        `default=${peer}`,
      ],
      ...(tls ? ['--client-cert-auth', '--trusted-ca-file', tls.ca, '--cert-file', tls.server.cert] : []),
      ...(tls ? ['--key-file', tls.server.key] : []),
    ],
  });
}

/** Members of one cluster; to be started together, because the first waits for a second. */
export function etcdCluster(count: number): readonly Server[] {
  const addresses = Array.from({ length: count }, freeAddress);
  const cluster = addresses.map((address, index) => `m${index}=http://${address}:2380`).join(',');
  return addresses.map((address, index) =>
    createServer({
      address,
      port: 2379,
      ready: async () => true,
      command: (folder) => [
        etcdProgram ?? 'etcd',
        ...['--name', `m${index}`, '--data-dir', `${folder}/data`, '--log-level', 'error'],
        ...[
          '--listen-client-urls',
          `http://${address}:2379`,
          '--advertise-client-urls',
          `http://${address}:2379`,
        ],
        ...['--listen-peer-urls', `http://${address}:2380`],
        ...['--initial-advertise-peer-urls', `http://${address}:2380`, '--initial-cluster', cluster],
      ],
    }),
  );
}
