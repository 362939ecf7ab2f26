/** Reads all keys below a prefix. Not a consistent cut: each entry is at least as new as the revision. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry, Range } from '../kv.ts';
import type { Connection } from './connection.ts';
import { childrenOf, read, sync } from './node.ts';
import { childOf, type Paths } from './paths.ts';

/** Concurrent requests. */
const atOnce = 256;

/** Runs `work` with limited concurrency. Results are in order. */
async function forEach<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))));
    await nextTurn();
  }
  return results;
}

export type Found = { readonly entry?: Entry; readonly key: string; readonly zxid: number };

/** The current state of some keys. */
export async function readKeys(
  connection: Connection,
  paths: Paths,
  keys: readonly string[],
): Promise<readonly Found[]> {
  return forEach(keys, async (key) => {
    const { zxid, value, stat } = await read(connection, paths.of(key));
    if (value === undefined || stat === undefined) return { key, zxid };
    return { key, zxid, entry: { key, value, revision: stat.mzxid } };
  });
}

/** Paths of all value nodes below a folder. */
async function nodesBelow(connection: Connection, top: string): Promise<readonly string[]> {
  const nodes: string[] = [];
  let folders: readonly string[] = [top];
  while (folders.length > 0) {
    const lists = await forEach(folders, async (folder) =>
      (await childrenOf(connection, folder)).map((name) => childOf(folder, name)),
    );
    const children = lists.flat();
    const isFolder = (path: string): boolean => path[path.lastIndexOf('/') + 1] !== '=';
    nodes.push(...children.filter((path) => !isFolder(path)));
    // reserved by ZooKeeper
    folders = children.filter((path) => isFolder(path) && path !== '/zookeeper');
  }
  return nodes;
}

export async function readTree(connection: Connection, paths: Paths, prefix: string): Promise<Range> {
  await sync(connection);
  const revision = connection.lastZxid;
  const nodes = await nodesBelow(connection, paths.folder(prefix));
  const keys = nodes.map((node) => paths.key(node)).filter((key) => key !== undefined);
  const found = await readKeys(connection, paths, keys);
  const entries = found.flatMap(({ entry }) => entry ?? []);
  entries.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { revision: entries.reduce((most, entry) => Math.max(most, entry.revision), revision), entries };
}
