/** Opens a client of a store. The code for each store is loaded on demand. */
import type { Backend } from './backend.ts';
import { createKv } from './client.ts';
import type { Kv } from './kv.ts';
import type { KvSource } from './source.ts';
import { FileTls, type TlsMaterial } from './tls.ts';

type Opening = {
  /** Below the source's prefix: `seaway/v1`. */
  readonly folder: string;
  /** Beginnings of keys, such that each key has exactly one of them: a long list is followed in these parts, where that helps. */
  readonly parts?: readonly string[];
};

type Opened = Opening & { readonly tls?: TlsMaterial };

async function backendOf(source: KvSource, options: Opened): Promise<Backend> {
  if (source.store === 'consul') {
    const { Consul } = await import('./consul/consul.ts');
    // as in Consul's own client, which Docker used
    const token = process.env.CONSUL_HTTP_TOKEN;
    return new Consul(source, { ...options, ...(token && { token }) });
  }
  if (source.store === 'zk') {
    const { ZooKeeper } = await import('./zookeeper/zookeeper.ts');
    return new ZooKeeper(source, options);
  }
  const { Etcd } = await import('./etcd/etcd.ts');
  return new Etcd(source, options);
}

/** Does not connect yet, so the store may be away. Throws `CONFIG_INVALID` if a certificate cannot be read. */
export async function openKv(source: KvSource, { folder, parts = [] }: Opening): Promise<Kv> {
  const tls = source.tls && new FileTls(source.tls);
  const below = [source.prefix, folder].filter((part) => part !== '').join('/');
  const backend = await backendOf(source, { folder: below, parts, ...(tls && { tls }) });
  return createKv(backend, tls && { credentials: { renew: () => tls.renew() } });
}
