/** Transactions in etcd's format. */
import { create } from '@bufbuild/protobuf';
import type { Entry, Transaction, TransactionResult } from '../kv.ts';
import { bytesOf, type Keys } from './keys.ts';
import { entryOf } from './range.ts';
import { type TxnRequest, TxnRequestSchema, type TxnResponse } from './rpc_pb.ts';

/** Compare.CompareResult EQUAL and Compare.CompareTarget MOD. */
const [equal, modRevision] = [0, 2];

const leaseOf = (id: string): bigint => BigInt(`0x${id}`);

export function requestOf(keys: Keys, { compare = [], put = [], remove = [] }: Transaction): TxnRequest {
  return create(TxnRequestSchema, {
    compare: compare.map(({ key, revision }) => ({
      result: equal,
      target: modRevision,
      key: keys.of(key),
      // a missing key has revision 0
      targetUnion: { case: 'modRevision' as const, value: BigInt(revision ?? 0) },
    })),
    success: [
      ...put.map(({ key, value, session }) => ({
        request: {
          case: 'requestPut' as const,
          value: { key: keys.of(key), value: bytesOf(value), lease: session ? leaseOf(session.id) : 0n },
        },
      })),
      ...remove.map((key) => ({
        request: { case: 'requestDeleteRange' as const, value: { key: keys.of(key) } },
      })),
    ],
    failure: compare.map(({ key }) => ({
      request: { case: 'requestRange' as const, value: { key: keys.of(key) } },
    })),
  });
}

export function resultOf(keys: Keys, response: TxnResponse): TransactionResult {
  if (response.header === undefined) throw new Error('an answer without a header');
  if (response.succeeded) return { ok: true, revision: Number(response.header.revision) };
  const others: Entry[] = response.responses.flatMap(({ response: one }) =>
    one.case === 'responseRange' ? one.value.kvs.map((kv) => entryOf(keys, kv)) : [],
  );
  return { ok: false, others };
}
