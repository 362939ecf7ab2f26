/** The connection to one etcd server, opened on demand, and its services. */
import { connect } from 'node:net';
import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import type { Address } from '../source.ts';
import type { TlsMaterial } from '../tls.ts';
import { Cluster, KV, Lease, Maintenance, Watch } from './rpc_pb.ts';

export type Connection = {
  readonly manager: Http2SessionManager;
  readonly kv: Client<typeof KV>;
  readonly watch: Client<typeof Watch>;
  readonly lease: Client<typeof Lease>;
  readonly maintenance: Client<typeof Maintenance>;
  readonly cluster: Client<typeof Cluster>;
};

/** Milliseconds. A server allows a ping every 5 s (--grpc-keepalive-min-time). */
const pings = { pingIntervalMs: 6_000, pingTimeoutMs: 3_000 };
/** Connect timeouts in milliseconds, without and with TLS. */
const [plain, secured] = [1_500, 5_000];
/** The largest message in bytes: a page of entries, or all events of one revision. */
const largest = 64 * 1024 * 1024;

export function openConnection({ host, port, socket }: Address, tls: TlsMaterial | undefined): Connection {
  const authority = host.includes(':') ? `[${host}]` : host;
  const baseUrl = `${tls ? 'https' : 'http'}://${authority}:${port}`;
  const limits = { ...pings, connectTimeoutMs: tls ? secured : plain };
  const reach = socket === undefined ? tls : { createConnection: () => connect(socket) };
  const manager = new Http2SessionManager(baseUrl, limits, reach);
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager: manager,
    readMaxBytes: largest,
    acceptCompression: [],
  });
  return {
    manager,
    kv: createClient(KV, transport),
    watch: createClient(Watch, transport),
    lease: createClient(Lease, transport),
    maintenance: createClient(Maintenance, transport),
    cluster: createClient(Cluster, transport),
  };
}
