/** The connection to one etcd server, opened on demand, and its services. */
import { connect } from 'node:net';
import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import type { Address } from '../source.ts';
import type { TlsMaterial } from '../tls.ts';
import { Cluster, KV, Lease, Maintenance, Watch } from './rpc_pb.ts';
import { Sessions } from './sessions.ts';

export type Connection = {
  readonly sessions: Sessions;
  readonly kv: Client<typeof KV>;
  readonly watch: Client<typeof Watch>;
  readonly lease: Client<typeof Lease>;
  readonly maintenance: Client<typeof Maintenance>;
  readonly cluster: Client<typeof Cluster>;
};

/** Milliseconds. A server allows a ping every 5 s (--grpc-keepalive-min-time), and may need some seconds to answer. */
const pings = { pingIntervalMs: 6_000, pingTimeoutMs: 7_000 };
/** Connect timeouts in milliseconds, without and with TLS. */
const [plain, secured] = [1_500, 5_000];
/** The largest message in bytes: a page of entries, or all events of one revision. */
const largest = 64 * 1024 * 1024;

export function openConnection({ host, port, socket }: Address, tls: TlsMaterial | undefined): Connection {
  const authority = host.includes(':') ? `[${host}]` : host;
  const baseUrl = `${tls ? 'https' : 'http'}://${authority}:${port}`;
  const limits = { ...pings, connectTimeoutMs: tls ? secured : plain };
  const reach = socket === undefined ? tls : { createConnection: () => connect(socket) };
  const sessions = new Sessions(baseUrl, limits, reach);
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager: sessions,
    readMaxBytes: largest,
    acceptCompression: [],
  });
  return {
    sessions,
    kv: createClient(KV, transport),
    watch: createClient(Watch, transport),
    lease: createClient(Lease, transport),
    maintenance: createClient(Maintenance, transport),
    cluster: createClient(Cluster, transport),
  };
}
