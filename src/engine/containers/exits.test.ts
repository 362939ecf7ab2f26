import { describe, expect, it } from 'vitest';
import { createExits } from './exits.ts';

const result = (exitCode: number) => ({ exitCode, error: '' });

/** What a promise has come to by now: those that wait have not come to anything. */
const soFar = <T>(promise: Promise<T>) => Promise.race([promise, Promise.resolve('waits')]);

describe('who waits for a container', () => {
  it('hears of its next end, however many they are', async () => {
    const exits = createExits();
    const waiters = [exits.nextExit('a'), exits.nextExit('a')];
    exits.notifyExit('a', result(3));
    expect(await Promise.all(waiters)).toEqual([result(3), result(3)]);
  });

  it('hears of no end that was before, and of no other container', async () => {
    const exits = createExits();
    exits.notifyExit('a', result(1));
    const later = exits.nextExit('a');
    exits.notifyExit('b', result(2));
    expect(await soFar(later)).toBe('waits');
    exits.notifyExit('a', result(4));
    expect(await soFar(later)).toEqual(result(4));
  });

  it('hears of one end only', async () => {
    const exits = createExits();
    const first = exits.nextExit('a');
    exits.notifyExit('a', result(1));
    exits.notifyExit('a', result(2));
    expect(await first).toEqual(result(1));
  });

  it('for its removal does not take an end for one', async () => {
    const exits = createExits();
    const removal = exits.removal('a');
    exits.notifyExit('a', result(1));
    expect(await soFar(removal)).toBe('waits');
    exits.notifyRemoval('a', result(5));
    expect(await soFar(removal)).toEqual(result(5));
  });

  it('for its next end is told when it is removed: there will be none', async () => {
    const exits = createExits();
    const next = exits.nextExit('a');
    exits.notifyRemoval('a', result(6));
    expect(await soFar(next)).toEqual(result(6));
  });

  it('and gives up is told so, and nobody else', async () => {
    const exits = createExits();
    const gone = new AbortController();
    const given = exits.nextExit('a', gone.signal);
    const kept = exits.nextExit('a');
    gone.abort();
    await expect(given).rejects.toThrow('aborted');
    await expect(exits.removal('a', gone.signal)).rejects.toThrow('aborted');
    exits.notifyExit('a', result(3));
    expect(await kept).toEqual(result(3));
  });
});
