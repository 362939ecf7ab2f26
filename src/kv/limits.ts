/** Limits that suit all three stores, checked before a request is sent. */
import { fail } from '../errors.ts';
import type { Transaction } from './kv.ts';

export interface KvLimits {
  readonly operations: number;
  readonly value: number;
  readonly transaction: number;
}

export const kvLimits = {
  /** Consul's limit (until 1.15, where it became 128). */
  operations: 64,
  /** Bytes. Consul takes 512 KiB in base64, ZooKeeper 1 MiB, etcd 1.5 MiB. */
  value: 256 * 1024,
  transaction: 352 * 1024,
  /** Characters. Keys are folders in ZooKeeper. */
  key: 512,
  /** Milliseconds that a call may take. */
  deadline: 10_000,
} as const;

// a leading '=' marks ZooKeeper's value nodes (zookeeper/paths.ts)
const segment = /^[!-.0-<>-~][!-.0-~]*$/;

/** Printable ASCII without spaces, no empty segment, none that is `.` or `..` or begins with `=`. */
function checkPath(path: string): void {
  const good = path.split('/').every((one) => segment.test(one) && one !== '.' && one !== '..');
  if (!good || path.length > kvLimits.key) throw fail('KV_KEY_INVALID', path);
}

export function checkPrefix(prefix: string): void {
  if (prefix !== '') checkPath(prefix);
}

/** Binding a key takes up to three operations in Consul: compare, remove, lock. */
export function operationsOf({ compare = [], put = [], remove = [] }: Transaction): number {
  const bound = put.filter(({ session }) => session !== undefined).length;
  return compare.length + put.length + remove.length + 2 * bound;
}

function checkSizes({ put = [] }: Transaction, limits: KvLimits): void {
  let total = 0;
  for (const { key, value } of put) {
    const bytes = Buffer.byteLength(value);
    if (bytes > limits.value)
      throw fail('KV_TOO_LARGE', `the value of ${key} has ${bytes} bytes, at most ${limits.value} fit`);
    total += bytes + key.length;
  }
  if (total > limits.transaction)
    throw fail('KV_TOO_LARGE', `a transaction has ${total} bytes, at most ${limits.transaction} fit`);
}

function checkOnce(what: string, keys: readonly string[]): void {
  if (new Set(keys).size === keys.length) return;
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw fail('BUG', `a transaction ${what} ${twice} twice`);
}

/** `limits`: of a store that takes more than all of them do. */
export function checkTransaction(transaction: Transaction, limits: KvLimits = kvLimits): void {
  const { compare = [], put = [], remove = [] } = transaction;
  for (const { key } of [...compare, ...put]) checkPath(key);
  for (const key of remove) checkPath(key);
  checkOnce(
    'compares',
    compare.map(({ key }) => key),
  );
  checkOnce('changes', [...put.map(({ key }) => key), ...remove]);
  if (new Set(put.flatMap(({ session }) => session ?? [])).size > 1)
    throw fail('BUG', 'a transaction binds keys to two sessions');
  const operations = operationsOf(transaction);
  if (operations > limits.operations)
    throw fail(
      'KV_TOO_LARGE',
      `a transaction has ${operations} operations, at most ${limits.operations} fit`,
    );
  checkSizes(transaction, limits);
}
