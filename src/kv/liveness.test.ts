import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Late, Liveness } from './liveness.ts';

const times = { every: 5, suspicion: [40, 80], limit: 400 } as const;

/** A connection and another one; each answers what was asked while it is not silent, or once that is over. */
function world() {
  const over = new AbortController();
  const closed: string[] = [];
  const state = {
    isSilent: false,
    areOthersSilent: false,
    heard: 0,
    refused: undefined as Error | undefined,
  };
  const until = async (isSilent: () => boolean, limit: number): Promise<void> => {
    for (const began = performance.now(); isSilent(); await sleep(2))
      if (performance.now() - began > limit) throw new Late();
  };
  let opened = 0;
  const liveness = new Liveness<string>(
    { ask: (limit) => until(() => state.isSilent, limit), heard: () => state.heard },
    {
      open: async () => {
        if (state.refused) throw state.refused;
        await until(() => state.areOthersSilent, 50);
        return `other${++opened}`;
      },
      close: (other) => closed.push(other),
    },
    times,
  );
  const death = liveness.watch(over.signal).catch(() => 'ended');
  const end = async (): Promise<unknown> => {
    over.abort();
    return await death;
  };
  return { state, closed, death, end };
}

describe('a connection', () => {
  it('lives while it answers', async () => {
    const { closed, end } = world();
    await sleep(100);
    expect([await end(), closed]).toEqual(['ended', []]);
  });

  it('is dead where another one is answered instead', async () => {
    const { state, death, closed } = world();
    state.isSilent = true;
    expect(await death).toEqual({ why: new Late(), other: 'other1' });
    expect(closed).toEqual([]);
  });

  it('lives where its answer has come, and this process was too busy to read it', async () => {
    const answer = Promise.withResolvers<void>();
    const over = new AbortController();
    const closed: string[] = [];
    let isAsked = false;
    const busy = (): void => {
      // it comes after the timers of the next turn
      setImmediate(answer.resolve);
      for (const began = performance.now(); performance.now() - began < 200; );
    };
    const ask = async (): Promise<void> => {
      if (!isAsked) await answer.promise;
      isAsked = true;
    };
    const open = async (): Promise<string> => {
      setImmediate(busy);
      return 'other';
    };
    const others = { open, close: (other: string) => closed.push(other) };
    const death = new Liveness({ ask, heard: () => 0 }, others, times).watch(over.signal);
    await answer.promise;
    await sleep(50);
    over.abort();
    await expect(death).rejects.toThrow();
    expect(closed).toEqual(['other']);
  });

  it('is dead where no other one can be made', async () => {
    const { state, death } = world();
    state.refused = new Error('ECONNREFUSED');
    state.isSilent = true;
    expect(await death).toEqual({ why: state.refused });
  });

  it('lives where the store is silent as a whole for a while', async () => {
    const { state, end } = world();
    state.isSilent = true;
    state.areOthersSilent = true;
    await sleep(200);
    state.areOthersSilent = false;
    state.isSilent = false;
    await sleep(200);
    expect(await end()).toBe('ended');
  });

  it('is dead where all are silent for too long', async () => {
    const { state, death } = world();
    state.isSilent = true;
    state.areOthersSilent = true;
    const began = performance.now();
    expect(await death).toEqual({ why: new Late() });
    expect(performance.now() - began).toBeGreaterThan(350);
  });

  it('lives while something is read by it, and the other one is closed', async () => {
    const { state, closed, end } = world();
    state.isSilent = true;
    for (let turn = 0; turn < 50; turn++) {
      state.heard = performance.now() + 1_000;
      await sleep(2);
    }
    expect(await end()).toBe('ended');
    expect(closed).toEqual([]);
  });

  it('has the other one closed where its user ends while both are compared', async () => {
    const closed: string[] = [];
    const over = new AbortController();
    const others = {
      open: async () => {
        setTimeout(() => over.abort(), 5);
        return 'other';
      },
      close: (other: string) => closed.push(other),
    };
    const ask = () => sleep(300);
    await expect(new Liveness({ ask, heard: () => 0 }, others, times).watch(over.signal)).rejects.toThrow();
    expect(closed).toEqual(['other']);
  });

  it('has the other one closed that is found at the moment of its answer', async () => {
    const closed: string[] = [];
    const [answer, found] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
    const over = new AbortController();
    let isAsked = false;
    const ask = async (): Promise<void> => {
      if (!isAsked) await answer.promise;
      isAsked = true;
    };
    const open = async (): Promise<string> => {
      setTimeout(() => {
        answer.resolve();
        setImmediate(() => setImmediate(() => found.resolve('other')));
      }, 5);
      return await found.promise;
    };
    const others = { open, close: (other: string) => closed.push(other) };
    const death = new Liveness({ ask, heard: () => 0 }, others, times).watch(over.signal);
    await sleep(120);
    over.abort();
    await expect(death).rejects.toThrow();
    expect(closed).toEqual(['other']);
  });
});
