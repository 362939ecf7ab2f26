/** Transactions: read the nodes, send one `multi`, and start over if another client was faster. */
import type { Attempt } from '../deadline.ts';
import { pause } from '../deadline.ts';
import type { Transaction, TransactionResult } from '../kv.ts';
import type { Connection } from './connection.ts';
import { Answered, makeFolders, statOf, sync } from './node.ts';
import type { Paths } from './paths.ts';
import { failing, foldersOf, nodesOf, operationsOf } from './plan.ts';
import { code, multiBody, opcode, readMultiError, type Stat } from './protocol.ts';
import { readKeys } from './tree.ts';

type Transacting = { readonly paths: Paths; readonly attempt: Attempt };

/** Errors caused by a concurrent change: start over. */
const passing: ReadonlySet<number> = new Set([code.noNode, code.badVersion, code.nodeExists, code.notEmpty]);

async function look(connection: Connection, nodes: readonly string[]): Promise<Map<string, Stat>> {
  const found = new Map<string, Stat>();
  if (nodes.length === 0) return found;
  const looks = nodes.map(async (path) => {
    const stat = await statOf(connection, path);
    if (stat) found.set(path, stat);
  });
  await Promise.all([sync(connection), ...looks]);
  return found;
}

/** The result of a failed comparison; undefined if all comparisons hold. */
async function conflict(
  connection: Connection,
  { compare = [] }: Transaction,
  paths: Paths,
): Promise<TransactionResult | undefined> {
  await sync(connection);
  const found = await readKeys(
    connection,
    paths,
    compare.map(({ key }) => key),
  );
  const revisions = new Map(found.map(({ key, entry }) => [key, entry?.revision]));
  if (compare.every(({ key, revision }) => revisions.get(key) === revision)) return undefined;
  return { ok: false, others: found.flatMap(({ entry }) => entry ?? []) };
}

export async function transactOn(
  connection: Connection,
  transaction: Transaction,
  { paths, attempt }: Transacting,
): Promise<TransactionResult> {
  for (let turn = 0; ; turn++) {
    attempt.signal.throwIfAborted();
    const found = await look(connection, nodesOf(paths, transaction));
    const compare = transaction.compare ?? [];
    const refused =
      failing(paths, compare, found) || turn > 0 ? await conflict(connection, transaction, paths) : undefined;
    if (refused) return refused;
    const operations = operationsOf(transaction, { paths, found, session: connection.session });
    if (operations.length === 0) return { ok: true, revision: connection.lastZxid };
    const { zxid, error, reader } = await connection.ask(opcode.multi, multiBody(operations));
    const failed = error === code.ok ? readMultiError(reader) : error;
    if (failed === code.ok) return { ok: true, revision: zxid };
    if (!passing.has(failed)) throw new Answered(failed);
    if (failed === code.noNode)
      for (const folder of foldersOf(operations)) await makeFolders(connection, folder);
    if (turn > 0) await pause(Math.random() * 10 * Math.min(turn, 10), attempt.signal);
  }
}
