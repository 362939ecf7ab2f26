/** What a manager asks of its own member of etcd besides keys: who leads, and who the members are. */
import { ConnectError } from '@connectrpc/connect';
import { fail } from '../../errors.ts';
import type { Address } from '../source.ts';
import { openConnection } from './connection.ts';
import type { Member } from './rpc_pb.ts';

export interface MemberStatus {
  /** Of this member, of the leader; '' without a leader. Hexadecimal. */
  readonly id: string;
  readonly leader: string;
  readonly revision: number;
  readonly isLearner: boolean;
  readonly version: string;
  /** It takes nothing more: its database has reached its limit. */
  readonly isFull: boolean;
}

export interface MemberEntry {
  readonly id: string;
  /** '' until it has started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly isLearner: boolean;
}

/** Each call throws KV_BROKEN with the server's text, within its deadline. */
export interface EtcdAdmin {
  status(): Promise<MemberStatus>;
  members(): Promise<readonly MemberEntry[]>;
  /** Resolves with its id. */
  addLearner(peerUrl: string): Promise<string>;
  promote(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** What came before that revision is forgotten. */
  compact(revision: number): Promise<void>;
  /** This member gives back what it no longer needs; it serves nothing meanwhile. */
  defragment(): Promise<void>;
  /** The members take changes again. */
  goOn(): Promise<void>;
  close(): void;
}

/** Milliseconds. A change of members waits for a majority. */
const [soon, change, cleaning] = [2_000, 10_000, 120_000];
const [deactivate, noSpace] = [2, 1];

const hex = (id: bigint): string => id.toString(16);
const entryOf = ({ ID, name, peerUrls, isLearner }: Member): MemberEntry => ({
  ...{ id: hex(ID), name, peerUrls, isLearner },
});

export function openAdmin(address: Address): EtcdAdmin {
  const { sessions, kv, maintenance, cluster } = openConnection(address, undefined);
  const ask = async <T>(doing: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (thrown) {
      throw fail('KV_BROKEN', 'etcd', doing, ConnectError.from(thrown).rawMessage);
    }
  };
  return {
    status: () =>
      ask('status', async () => {
        const { header, leader, isLearner, version, errors } = await maintenance.status(
          {},
          { timeoutMs: soon },
        );
        return {
          ...{ id: hex(header?.memberId ?? 0n), leader: leader === 0n ? '' : hex(leader) },
          ...{ revision: Number(header?.revision ?? 0n), isLearner, version },
          isFull: errors.some((one) => one.includes('NOSPACE')),
        };
      }),
    members: () =>
      ask('list members', async () =>
        (await cluster.memberList({}, { timeoutMs: soon })).members.map(entryOf),
      ),
    addLearner: (peerUrl) =>
      ask('add a member', async () => {
        const request = { peerUrls: [peerUrl], isLearner: true };
        return hex((await cluster.memberAdd(request, { timeoutMs: change })).member?.ID ?? 0n);
      }),
    promote: (id) =>
      ask('promote a member', async () => {
        await cluster.memberPromote({ ID: BigInt(`0x${id}`) }, { timeoutMs: change });
      }),
    remove: (id) =>
      ask('remove a member', async () => {
        await cluster.memberRemove({ ID: BigInt(`0x${id}`) }, { timeoutMs: change });
      }),
    compact: (revision) =>
      ask('compact', async () => {
        await kv.compact({ revision: BigInt(revision), physical: true }, { timeoutMs: cleaning });
      }),
    defragment: () =>
      ask('defragment', async () => {
        await maintenance.defragment({}, { timeoutMs: cleaning });
      }),
    goOn: () =>
      ask('end the alarm', async () => {
        const { members } = await cluster.memberList({}, { timeoutMs: soon });
        for (const { ID: memberID } of members)
          await maintenance.alarm({ action: deactivate, alarm: noSpace, memberID }, { timeoutMs: change });
      }),
    close: () => sessions.abort(),
  };
}
