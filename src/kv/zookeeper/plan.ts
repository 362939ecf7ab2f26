/** Turns a transaction into ZooKeeper operations, given the nodes that exist. Pure. */
import type { Compare, Put, Transaction } from '../kv.ts';
import { type Paths, parentOf } from './paths.ts';
import type { Operation, Stat } from './protocol.ts';

/** Existing nodes and folders by path. */
export type Found = ReadonlyMap<string, Stat>;

/** Nodes whose state is needed. A key that must be absent and is put is not looked up: creating it fails if it exists. */
export function nodesOf(
  paths: Paths,
  { compare = [], put = [], remove = [] }: Transaction,
): readonly string[] {
  const absent = new Set(compare.filter(({ absent }) => absent).map(({ key }) => key));
  const changed = [...put.map(({ key }) => key), ...remove].filter((key) => !absent.has(key));
  const nodes = [...compare.flatMap(({ key, revision }) => (revision === undefined ? [] : key)), ...changed];
  const looked = [...new Set(nodes)].map((key) => paths.of(key));
  return [...new Set([...looked, ...looked.map(parentOf)])];
}

/** Whether a comparison by revision fails. */
export const failing = (paths: Paths, compare: readonly Compare[], found: Found): boolean =>
  compare.some(({ key, revision }) => revision !== undefined && found.get(paths.of(key))?.mzxid !== revision);

type Planning = { readonly paths: Paths; readonly found: Found; readonly session: bigint };

/**
 * ZooKeeper compares versions, and the version of a node that is deleted and created again starts at 0. To detect that, every
 * creation also writes the folder, and a comparison checks the folder's version too.
 */
function comparing({ key, revision }: Compare, { paths, found }: Planning): readonly Operation[] {
  const path = paths.of(key);
  if (revision === undefined) return [];
  const [stat, folder] = [found.get(path), found.get(parentOf(path))];
  if (stat === undefined || folder === undefined) return [];
  return [
    { op: 'check', path: parentOf(path), version: folder.version },
    { op: 'check', path, version: stat.version },
  ];
}

const create = (path: string, data: Uint8Array, ephemeral: boolean): Operation => ({
  op: 'create',
  path,
  data,
  ephemeral,
});

function putting(
  { key, value, session: bound }: Put,
  { paths, found, session }: Planning,
): readonly Operation[] {
  const path = paths.of(key);
  const [data, ephemeral] = [Buffer.from(value), bound !== undefined];
  const stat = found.get(path);
  if (stat === undefined) return [create(path, data, ephemeral)];
  const owner = ephemeral ? session : 0n;
  if (stat.owner === owner) return [{ op: 'setData', path, data, version: stat.version }];
  return [{ op: 'delete', path, version: stat.version }, create(path, data, ephemeral)];
}

function removing(key: string, { paths, found }: Planning): readonly Operation[] {
  const path = paths.of(key);
  const stat = found.get(path);
  return stat === undefined ? [] : [{ op: 'delete', path, version: stat.version }];
}

/** Checks that a key is absent by creating and deleting it in the same transaction. */
function missing({ key }: Compare, paths: Paths): readonly Operation[] {
  const path = paths.of(key);
  return [create(path, Buffer.alloc(0), false), { op: 'delete', path, version: -1 }];
}

export function operationsOf(
  { compare = [], put = [], remove = [] }: Transaction,
  planning: Planning,
): readonly Operation[] {
  const { paths } = planning;
  const isPut = new Set(put.map(({ key }) => key));
  const changes = [
    ...compare.flatMap((one) => (one.absent && !isPut.has(one.key) ? missing(one, paths) : [])),
    ...put.flatMap((one) => putting(one, planning)),
    ...remove.flatMap((key) => removing(key, planning)),
  ];
  const created = changes.filter(({ op }) => op === 'create').map(({ path }) => parentOf(path));
  return [
    ...compare.flatMap((one) => comparing(one, planning)),
    ...[...new Set(created)].map(
      (path): Operation => ({ op: 'setData', path, data: Buffer.alloc(0), version: -1 }),
    ),
    ...changes,
  ];
}

/** Folders that must exist for the nodes to be created. */
export const foldersOf = (operations: readonly Operation[]): readonly string[] => [
  ...new Set(operations.filter(({ op }) => op === 'create').map(({ path }) => parentOf(path))),
];
