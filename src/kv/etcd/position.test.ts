import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Feed } from '../feed.ts';
import { Keys } from './keys.ts';
import { Position } from './position.ts';
import { ResponseHeaderSchema, WatchResponseSchema } from './rpc_pb.ts';

const header = (revision: number) =>
  create(ResponseHeaderSchema, { clusterId: 1n, raftTerm: 2n, revision: BigInt(revision) });
const created = (revision: number) =>
  create(WatchResponseSchema, { header: header(revision), created: true });

function positionAt(revision: number, count = 1): Position {
  const position = new Position(new Feed(), new Keys('folder'));
  const entries = Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: '', revision }));
  position.read({ header: header(revision), entries });
  position.take(created(revision));
  return position;
}

describe('a watch that is resumed', () => {
  it('goes on from its revision where little has happened', () => {
    const position = positionAt(10);
    position.take(created(1_010));
    expect([position.isStale, position.next]).toEqual([false, 11n]);
  });

  it('has the whole state read where much has happened', () => {
    const position = positionAt(10);
    position.take(created(1_011));
    expect(position.isStale).toBe(true);
  });

  it('goes on where the whole state is more than what has happened', () => {
    const position = positionAt(10, 10_000);
    position.take(created(2_010));
    expect(position.isStale).toBe(false);
    position.take(created(2_011));
    expect(position.isStale).toBe(true);
  });

  it('goes on from a state that was just read, however much has happened meanwhile', () => {
    const position = new Position(new Feed(), new Keys('folder'));
    position.read({ header: header(10), entries: [] });
    position.take(created(9_000));
    expect([position.isStale, position.next]).toEqual([false, 11n]);
  });
});
