/** Reads all keys below a prefix at one revision, page by page. */
import type { Entry } from '../kv.ts';
import type { KeyRange, Keys } from './keys.ts';
import { textOf } from './keys.ts';
import type { KeyValue, RangeResponse, ResponseHeader } from './rpc_pb.ts';

export const entryOf = (keys: Keys, { key, value, modRevision }: KeyValue): Entry => ({
  key: keys.name(key),
  value: textOf(value),
  revision: Number(modRevision),
});

export type Page = KeyRange & { readonly limit: bigint; readonly revision: bigint };
export type State = { readonly header: ResponseHeader; readonly entries: readonly Entry[] };

/** Entries of the first page, bytes of a later page, and the most entries of a page. */
const [firstPage, bytesOfPage, longestPage] = [128, 2 * 1024 * 1024, 2_000];

function nextLimit(kvs: readonly KeyValue[]): bigint {
  const bytes = kvs.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  const fitting = Math.floor((bytesOfPage * kvs.length) / Math.max(1, bytes));
  return BigInt(Math.min(longestPage, Math.max(8, fitting)));
}

/** Later pages are read at the revision of the first. Throws etcd's error if that revision is compacted meanwhile. */
export async function readAll(
  keys: Keys,
  prefix: string,
  ask: (page: Page) => Promise<RangeResponse>,
): Promise<State> {
  const { key: begin, rangeEnd } = keys.below(prefix);
  const entries: Entry[] = [];
  let header: ResponseHeader | undefined;
  let page: Page = { key: begin, rangeEnd, limit: BigInt(firstPage), revision: 0n };
  for (;;) {
    const response = await ask(page);
    header ??= response.header;
    if (header === undefined) throw new Error('an answer without a header');
    for (const one of response.kvs) entries.push(entryOf(keys, one));
    const last = response.kvs.at(-1);
    if (!response.more || last === undefined) return { header, entries };
    const next = new Uint8Array([...last.key, 0]);
    page = { key: next, rangeEnd, limit: nextLimit(response.kvs), revision: header.revision };
  }
}
