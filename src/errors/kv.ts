/** Errors of the key-value store that the hosts of a cluster share. */
import { type Entry, q } from './entry.ts';

const names: Readonly<Record<string, string>> = { etcd: 'etcd', consul: 'Consul', zk: 'ZooKeeper' };
const nameOf = (store: string): string => names[store] ?? store;

export const kvErrors = {
  // the words of Docker 20.10's client of etcd
  KV_AWAY: [
    'unavailable',
    (store: string, why: string): string =>
      `client: ${nameOf(store)} cluster is unavailable or misconfigured; ${why}`,
  ],
  KV_TIMEOUT: [
    'unavailable',
    (store: string, doing: string, seconds: number): string =>
      `client: ${nameOf(store)} has not answered within ${seconds} s: ${doing}`,
  ],
  KV_REFUSED: [
    'unavailable',
    (store: string, why: string): string => `client: ${nameOf(store)} refuses this engine: ${why}`,
  ],
  // an answer that makes no sense, or an error of the store itself
  KV_BROKEN: [
    'unavailable',
    (store: string, doing: string, why: string): string => `client: ${nameOf(store)}: ${doing}: ${why}`,
  ],
  KV_SESSION_LOST: [
    'unavailable',
    (store: string, id: string): string => `client: ${nameOf(store)}: the session ${id} is over`,
  ],
  KV_CLOSED: [
    'unavailable',
    (store: string): string => `client: the connection to ${nameOf(store)} was closed`,
  ],
  KV_TOO_LARGE: ['internal', (why: string): string => `the cluster store: ${why}`],
  KV_KEY_INVALID: ['internal', (key: string): string => `the cluster store: ${q(key)} cannot be a key`],
} as const satisfies Record<string, Entry>;
