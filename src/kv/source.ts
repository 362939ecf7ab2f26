/** Parses Docker's `--cluster-store` and `--cluster-store-opt`. */
import { fail } from '../errors.ts';

export type StoreName = 'etcd' | 'consul' | 'zk';
export type Address = {
  readonly host: string;
  readonly port: number;
  /** Path of a unix socket, which is used instead. etcd only. */
  readonly socket?: string;
};
export type TlsFiles = { readonly ca: string; readonly cert: string; readonly key: string };

export type KvSource = {
  readonly store: StoreName;
  /** At least one, in order of preference. */
  readonly addresses: readonly Address[];
  /** Segments without slashes at either end, or ''. */
  readonly prefix: string;
  readonly tls?: TlsFiles;
};

const ports: Readonly<Record<StoreName, number>> = { etcd: 2379, consul: 8500, zk: 2181 };
const isStore = (name: string): name is StoreName => Object.hasOwn(ports, name);

const integer = (text: string): number => {
  if (!/^[+-]?\d+$/.test(text))
    throw fail(
      'CONFIG_INVALID',
      `discovery initialization failed (strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax)`,
    );
  return Number(text);
};

function addressOf(text: string, store: StoreName): Address {
  const bracketed = /^\[([0-9a-fA-F:.]+)\](?::(.*))?$/.exec(text);
  const plain = /^([^:[\]\s@]+)(?::(.*))?$/.exec(text);
  const [, host, port] = bracketed ?? plain ?? [];
  const number = port === undefined ? ports[store] : /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (host === undefined || number < 1 || number > 65_535)
    throw fail(
      'CONFIG_INVALID',
      `kv store daemon config: ${JSON.stringify(text)} is no address of the form HOST:PORT`,
    );
  return { host, port: number };
}

function prefixOf(path: string): string {
  const segments = path.split('/').filter((one) => one !== '');
  const bad = segments.find((one) => !/^[!-.0-<>-~][!-.0-~]*$/.test(one) || one === '.' || one === '..');
  if (bad !== undefined || path.length > 128)
    throw fail(
      'CONFIG_INVALID',
      `kv store daemon config: ${JSON.stringify(path)} cannot be a prefix of keys`,
    );
  return segments.join('/');
}

const known = ['kv.cacertfile', 'kv.certfile', 'kv.keyfile', 'discovery.heartbeat', 'discovery.ttl'];

/** Docker ignores unknown options, so a misspelled certificate option would disable TLS. */
function refuseUnknown(options: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const why =
    unknown === 'kv.path' ? 'keys are below the prefix of --cluster-store' : `there are ${known.join(', ')}`;
  throw fail('CONFIG_INVALID', `cluster-store-opt ${unknown} is not supported: ${why}`);
}

function tlsOf(options: Readonly<Record<string, string>>): TlsFiles | undefined {
  const [ca, cert, key] = [options['kv.cacertfile'], options['kv.certfile'], options['kv.keyfile']];
  if (ca && cert && key) return { ca, cert, key };
  // Docker silently goes on without TLS
  if (ca || cert || key)
    throw fail('CONFIG_INVALID', 'kv.cacertfile, kv.certfile and kv.keyfile must be given together');
  return undefined;
}

/** `--cluster-store`, in Docker's words where it has them. The options are those of `--cluster-store-opt`. */
export function parseSource(url: string, options: Readonly<Record<string, string>> = {}): KvSource {
  const [store = '', rest, more] = url.trim().split('://');
  if (rest === undefined || more !== undefined)
    throw fail('CONFIG_INVALID', 'kv store daemon config must be of the form KV-PROVIDER://KV-URL');
  if (!isStore(store))
    throw fail('CONFIG_INVALID', 'discovery initialization failed (discovery service not supported)');
  const slash = rest.indexOf('/');
  const hosts = slash < 0 ? rest : rest.slice(0, slash);
  if (hosts === '')
    throw fail('CONFIG_INVALID', 'kv store daemon config must be of the form KV-PROVIDER://KV-URL');
  refuseUnknown(options);
  const tls = tlsOf(options);
  return {
    store,
    addresses: hosts.split(',').map((text) => addressOf(text.trim(), store)),
    prefix: slash < 0 ? '' : prefixOf(rest.slice(slash)),
    ...(tls && { tls }),
  };
}

export type SessionTimes = { readonly heartbeat: number; readonly ttl: number };

/** `discovery.heartbeat` and `discovery.ttl`: seconds between heartbeats of a host, and until it counts as gone. */
export function parseSessionTimes(options: Readonly<Record<string, string>>): SessionTimes {
  const wrong = (why: string): Error => fail('CONFIG_INVALID', `discovery initialization failed (${why})`);
  const [beat, life] = [options['discovery.heartbeat'], options['discovery.ttl']].map((text) =>
    text ? integer(text) : undefined,
  );
  if (beat !== undefined && beat <= 0) throw wrong('discovery.heartbeat must be positive');
  if (life !== undefined && life <= 0) throw wrong('discovery.ttl must be positive');
  const heartbeat = beat ?? (life === undefined ? 20 : Math.max(1, Math.floor(life / 3)));
  const ttl = life ?? heartbeat * 3;
  if (ttl <= heartbeat) throw wrong('discovery.ttl timer must be greater than discovery.heartbeat');
  return { heartbeat, ttl };
}
