import { beforeEach, describe, expect, it } from 'vitest';
import { plainNetwork } from '../../test/model/networks.ts';
import { type Scopes, scopesOf } from '../affected/affected.ts';
import { driverTable } from '../drivers/table.ts';
import { fail } from '../errors.ts';
import { Model } from '../model/memory.ts';
import type { OutboxEntry } from '../model/outbox.ts';
import type { Change, View } from '../model/tables.ts';
import type { Volume } from '../model/volume.ts';
import { CommitQueue } from '../store/commit-queue.ts';
import { StoreConflict } from '../store/conflict.ts';
import type { Store } from '../store/store.ts';
import { createRecords, type Records } from './records.ts';

const put = (name: string, driver = 'local'): Change => ({
  table: 'volumes',
  put: { name, driver } as Volume,
});
const full = (): Error => fail('STORE_NOT_WRITTEN', 'state', 'no space left on device');

/** A disk that can be full, with a store and records on it. */
class Disk {
  isFull = false;
  /** Its store can be written no more. */
  isLost = false;
  panics = 0;
  /** Room that can be given up. */
  reserved = false;
  refills = 0;
  /** What a change means for the outbox. */
  owed: readonly Change[] = [];
  /** What another writer writes just before the next commits, one by one. */
  others: Change[] = [];
  readonly has = new Map<string, string>();
  again: (() => Promise<unknown>) | undefined;
  readonly model = new Model(driverTable());
  readonly records: Records;

  constructor() {
    const queue = new CommitQueue<readonly Change[]>(async (lists) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.isFull) throw full();
      if (this.isLost) throw fail('STORE_PANIC', 'state');
      const other = this.others.shift();
      if (other) {
        this.#write(other);
        throw new StoreConflict([other]);
      }
      for (const change of lists.flat()) this.#write(change);
    });
    const store = { commit: (changes: readonly Change[]) => queue.add(changes) } as unknown as Store;
    this.records = createRecords(this.model, store, {
      reserve: {
        release: () => {
          const { reserved } = this;
          this.reserved = false;
          if (reserved) this.isFull = false;
          return reserved;
        },
        refill: () => {
          this.refills += 1;
        },
      },
      retries: {
        failed: (_subject, _error, again) => {
          this.again = again;
        },
        succeeded: () => {
          this.again = undefined;
        },
      },
      panicked: () => {
        this.panics += 1;
      },
      owedBy: () => this.owed,
    });
  }

  #write(change: Change): void {
    if ('remove' in change) this.has.delete(change.remove);
    else this.has.set((change.put as Volume).name, (change.put as Volume).driver);
  }

  get memory(): Map<string, string> {
    return new Map(Array.from(this.model.all('volumes'), ({ name, driver }) => [name, driver]));
  }
}

describe('records, while the disk is full', () => {
  let disk: Disk;
  beforeEach(async () => {
    disk = new Disk();
    await disk.records.transact(() => [put('old')]);
    disk.isFull = true;
  });

  it('refuse what a request asks for: memory is as before, also of several at once', async () => {
    const asked = [put('a'), put('old', 'other'), put('a', 'third')].map((one) =>
      disk.records.transact(() => [one]),
    );
    const results = await Promise.allSettled(asked);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(disk.memory).toEqual(new Map([['old', 'local']]));
    expect(disk.again).toBeUndefined();
  });

  it('leave what plugins are asked as it was before a request that was refused', async () => {
    const asked = {
      id: '1',
      about: 'endpoint:e',
      plugin: 'p',
      method: 'Leave',
      state: 'given',
    } as OutboxEntry;
    disk.model.apply([{ table: 'outbox', put: asked }]);
    disk.owed = [{ table: 'outbox', remove: '1' }];
    await expect(disk.records.transact(() => [put('a')])).rejects.toThrow('no space left');
    expect([...disk.model.all('outbox')]).toEqual([asked]);
  });

  it('give up the reserve for what has happened, in the order in which it did, and not for requests', async () => {
    disk.reserved = true;
    await expect(disk.records.transact(() => [put('asked')])).rejects.toThrow('no space left');
    expect(disk.reserved).toBe(true);
    const names = ['one', 'two', 'three'];
    await Promise.all(names.map((driver) => disk.records.keep(() => [put('old', driver)])));
    expect([disk.reserved, disk.has.get('old'), disk.refills]).toEqual([false, 'three', 2]);
    expect(disk.again).toBeUndefined();
  });

  it('keep what has happened, and write it with the next commit that succeeds', async () => {
    await disk.records.keep(() => [put('old', 'changed')]);
    await disk.records.keep(() => [put('old', 'changed again'), put('new')]);
    expect(disk.memory.get('old')).toBe('changed again');
    expect(disk.has).toEqual(new Map([['old', 'local']]));
    disk.isFull = false;
    await disk.records.transact(() => [put('asked')]);
    expect(disk.has).toEqual(disk.memory);
    expect(disk.again).toBeUndefined();
  });

  it('write what is owed by themselves once there is room', async () => {
    await disk.records.keep(() => [{ table: 'volumes', remove: 'old' }]);
    await expect(disk.again?.()).rejects.toThrow('no space left on device');
    disk.isFull = false;
    await disk.again?.();
    expect([disk.has, disk.again]).toEqual([new Map(), undefined]);
  });

  it('never write an older state over a newer one', async () => {
    const kept = [put('old', '1'), put('old', '2')].map((one) => disk.records.keep(() => [one]));
    const refused = disk.records.transact(() => [put('old', 'refused')]);
    await Promise.allSettled([...kept, refused]);
    disk.isFull = false;
    await Promise.all([
      disk.records.keep(() => [put('old', '3')]),
      disk.records.transact(() => [put('old', '4')]),
    ]);
    expect([disk.has.get('old'), disk.memory.get('old')]).toEqual(['4', '4']);
  });
});

describe('records, while another writer is first', () => {
  let disk: Disk;
  beforeEach(async () => {
    disk = new Disk();
    await disk.records.transact(() => [put('old')]);
  });
  /** One more than there are. */
  const next = (view: Pick<View, 'all'>) => {
    const name = `v${[...view.all('volumes')].length}`;
    return { name, changes: [put(name)] };
  };

  it('tell which scopes the other one has changed', async () => {
    const other = { ...plainNetwork, id: 'n1', name: 'other', driver: 'bridge', link: 'br0', created: '' };
    const told: Scopes[] = [];
    disk.records.onArrival((scopes) => told.push(scopes));
    disk.others = [{ table: 'networks', put: other }];
    await disk.records.transact(next);
    expect(told).toEqual([scopesOf({ networks: new Set(['n1']), firewall: true })]);
    expect(disk.model.networkByName('other')).toBe(other);
  });

  it.each(['transact', 'keep'] as const)(
    '%s runs the transition again on the records as they are',
    async (how) => {
      disk.others = [put('v1', 'other'), put('x', 'other')];
      const { decided } = await disk.records[how](next);
      expect(decided.name).toBe('v3');
      expect([...disk.memory]).toEqual([
        ['old', 'local'],
        ['v1', 'other'],
        ['x', 'other'],
        ['v3', 'local'],
      ]);
      expect(disk.has).toEqual(disk.memory);
    },
  );

  it('refuse what is no longer allowed, with what the other has written', async () => {
    disk.others = [put('a', 'other')];
    const add = (view: Pick<View, 'get'>) => {
      if (view.get('volumes', 'a')) throw fail('VOLUME_INVALID', 'a is there');
      return [put('a')];
    };
    await expect(disk.records.transact(add)).rejects.toThrow('a is there');
    expect(disk.memory.get('a')).toBe('other');
  });

  it('give up after some tries, and keep what must be kept for later', async () => {
    disk.others = Array.from({ length: 10 }, (_, i) => put(`x${i}`, 'other'));
    await expect(disk.records.transact(next)).rejects.toThrow('changed by another writer');
    expect([disk.others, disk.memory.size, disk.again]).toEqual([[], 11, undefined]);
    disk.others = Array.from({ length: 10 }, (_, i) => put(`y${i}`, 'other'));
    const { decided } = await disk.records.keep(next);
    await disk.again?.();
    expect(disk.has.get(decided.name)).toBe('local');
  });
});

it('a store that can be written no more is told of', async () => {
  const disk = new Disk();
  disk.isLost = true;
  await expect(disk.records.transact(() => [put('a')])).rejects.toThrow('cannot be written until the engine');
  await disk.records.keep(() => [put('b')]);
  expect(disk.panics).toBe(2);
});
