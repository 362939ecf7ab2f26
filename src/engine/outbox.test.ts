import { describe, expect, it, vi } from 'vitest';
import { fail } from '../errors.ts';
import { comesAfter, type OutboxEntry, takesWithIt } from '../model/outbox.ts';
import { createLogger } from '../observe/logger.ts';
import { Retries } from '../reconcile/retries.ts';
import { Outbox, type OutboxView } from './outbox.ts';
import { OutboxIndex } from './outbox-index.ts';

const entry = (id: string, about: string, call: Pick<OutboxEntry, 'method' | 'body'>): OutboxEntry => ({
  ...{ id, about, ...call, plugin: 'p', role: 'NetworkDriver', since: '', state: 'due' },
});
const leave = (id: string, endpoint: string): OutboxEntry =>
  entry(id, `endpoint:${endpoint}`, { method: 'Leave', body: { NetworkID: 'n', EndpointID: endpoint } });
const deleteNetwork = (id: string): OutboxEntry =>
  entry(id, 'network:n', { method: 'DeleteNetwork', body: { NetworkID: 'n' } });
const pool = (id: string, about = 'network:n'): OutboxEntry =>
  entry(id, about, { method: 'ReleasePool', body: { PoolID: 'x' } });
const address = (id: string, about: string): OutboxEntry =>
  entry(id, about, { method: 'ReleaseAddress', body: { PoolID: 'x', Address: '10.0.0.1' } });

/** An outbox with these entries, and a plugin that does `asked` with each request. */
function outboxOf(
  entries: readonly OutboxEntry[],
  asked: (entry: OutboxEntry) => Promise<unknown>,
  forget?: () => Promise<unknown>,
) {
  const there = new Map(entries.map((one) => [one.id, one]));
  const view: OutboxView = { all: () => there.values(), get: (_, id) => there.get(id) };
  const retries = new Retries(createLogger('fatal'));
  const calls: string[] = [];
  const ask = (call: unknown): Promise<unknown> => {
    const one = call as OutboxEntry;
    calls.push(`${one.method} ${one.about}`);
    return asked(one);
  };
  const outbox = new Outbox({
    ...{ view, retries, ask, logger: createLogger('fatal') },
    forget: forget ?? (async (id) => void there.delete(id)),
  });
  return { outbox, calls, retries, left: () => [...there.keys()] };
}

const slow = () => Promise.reject(fail('PLUGIN_SLOW', 'Leave'));
const refused = () => Promise.reject(fail('PLUGIN_REFUSED', 'Leave', 'no'));

describe('what a plugin is to take back', () => {
  it('is asked in order for each object, and what is a part before the whole', () => {
    expect(comesAfter(deleteNetwork('2'), leave('1', 'a'))).toBe(true);
    expect(comesAfter(pool('2'), address('1', 'endpoint:a'))).toBe(true);
    expect(comesAfter(leave('2', 'b'), leave('1', 'a'))).toBe(false);
    expect(comesAfter(leave('1', 'a'), deleteNetwork('0'))).toBe(false);
    expect(comesAfter(leave('1', 'a'), leave('2', 'a'))).toBe(false);
  });

  it('is found by what it is about and what it names', () => {
    const entries = [
      ...[leave('1', 'a'), leave('2', 'b'), address('3', 'endpoint:a'), address('4', 'endpoint:b')],
      ...[pool('5'), deleteNetwork('6'), leave('7', 'a')],
    ];
    const index = new OutboxIndex<{ readonly entry: OutboxEntry }>();
    for (const one of entries) index.add({ entry: one });
    const ids = (found: readonly { readonly entry: OutboxEntry }[]) =>
      found.map((one) => one.entry.id).sort();
    for (const one of entries) {
      expect(ids(index.before(one))).toEqual(
        entries.filter((other) => comesAfter(one, other)).map(({ id }) => id),
      );
      expect(ids(index.covered(one))).toEqual(
        entries.filter((other) => takesWithIt(one, other)).map(({ id }) => id),
      );
    }
    for (const { id } of entries) index.remove(id);
    expect([index.size, index.before(deleteNetwork('9'))]).toEqual([0, []]);
  });

  it('is not held up by a call for another object that hangs', async () => {
    const hang = Promise.withResolvers<never>();
    const entries = [leave('1', 'a'), leave('2', 'b'), leave('3', 'c'), deleteNetwork('4')];
    const { outbox, calls, left } = outboxOf(entries, ({ id }) =>
      id === '1' ? hang.promise : Promise.resolve(),
    );
    const all = outbox.workAll();
    await vi.waitFor(() => expect(left()).toEqual(['1', '4']), { timeout: 5000 });
    hang.reject(fail('PLUGIN_SLOW', 'Leave'));
    await all;
    // the network is not deleted while one of its endpoints may be there
    expect(calls).toEqual(['Leave endpoint:a', 'Leave endpoint:b', 'Leave endpoint:c']);
    expect(left()).toEqual(['1', '4']);
  });

  it('comes last once it had no answer', async () => {
    const entries = [leave('1', 'a'), leave('2', 'b')];
    const { outbox, calls } = outboxOf(entries, ({ id }) => (id === '1' ? slow() : refused()));
    await outbox.workAll();
    calls.length = 0;
    await outbox.answers('p');
    expect(calls).toEqual(['Leave endpoint:b', 'Leave endpoint:a']);
  });

  it('is asked less often after what it is a part of was taken back and the plugin does not know it', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { outbox, calls, left, retries } = outboxOf(
      [address('1', 'endpoint:a'), pool('2')],
      ({ method }) => (method === 'ReleaseAddress' ? refused() : Promise.resolve()),
    );
    await outbox.workAll();
    for (let count = 2; count <= 3; count++) {
      expect(left()).toEqual(['1']);
      // what follows at once says nothing new
      await outbox.answers('p');
      vi.advanceTimersByTime(1000);
      await outbox.answers('p');
    }
    expect([calls.length, left()]).toEqual([6, []]);
    retries.close();
    vi.useRealTimers();
  });

  it('is not asked again after the plugin has given it to somebody else', async () => {
    const { outbox, calls, left } = outboxOf([address('1', 'endpoint:a')], slow);
    await outbox.workAll();
    await outbox.regained(address('9', 'endpoint:b'));
    await outbox.answers('p');
    expect([calls.length, left()]).toEqual([1, []]);
  });

  it('waits as a whole for a plugin that is away', async () => {
    const entries = [leave('1', 'a'), leave('2', 'b'), leave('3', 'c')];
    const away = () => Promise.reject(fail('PLUGIN_AWAY', 'Leave', 'connection refused'));
    const { outbox, calls, retries, left } = outboxOf(entries, away);
    await outbox.workAll();
    expect([calls.length, left().length, retries.has('plugin:p')]).toEqual([1, 3, true]);
    retries.close();
  });

  it('is done also where that cannot be recorded, for more entries than are asked at once', async () => {
    const entries = Array.from({ length: 20 }, (_, at) => leave(String(100 + at), `e${at}`));
    const forget = () => Promise.reject(new Error('disk full'));
    const { outbox, calls } = outboxOf(entries, () => Promise.resolve(), forget);
    await outbox.workAll();
    expect([calls.length, outbox.has('p')]).toEqual([20, false]);
  });

  it('is asked on while what was done is recorded; the whole waits for the records', async () => {
    const entries = Array.from({ length: 4 }, (_, at) => leave(String(100 + at), 'e'));
    const disk = Promise.withResolvers<void>();
    const { outbox, calls } = outboxOf(
      entries,
      () => Promise.resolve(),
      () => disk.promise,
    );
    let isWhole = false;
    const all = outbox.workAll().then(() => {
      isWhole = true;
    });
    await vi.waitFor(() => expect(calls.length).toBe(4));
    expect(isWhole).toBe(false);
    disk.resolve();
    await all;
  });

  it('is asked of many at once, and of no more than a few that do not answer', async () => {
    const entries = Array.from({ length: 40 }, (_, at) => leave(String(100 + at), `e${at}`));
    const { outbox, calls, retries } = outboxOf(entries, slow);
    await outbox.workAll();
    expect(calls.length).toBe(8);
    retries.close();
  });
});
