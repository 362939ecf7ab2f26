import { describe, expect, it } from 'vitest';
import { createEvents, type EngineEvent } from './events.ts';

const event = (id: string) => ({ type: 'container', action: 'start', id, attributes: {} }) as const;

function counting() {
  let time = 0n;
  return createEvents(() => ++time);
}

describe('events', () => {
  it('reach everybody who listens, with the time at which they came', () => {
    const events = counting();
    const heard: EngineEvent[][] = [[], []];
    for (const list of heard) events.listen((one) => list.push(one));
    events.emit(event('a'));
    events.emit(event('b'));
    const expected = [
      { ...event('a'), time: 1n },
      { ...event('b'), time: 2n },
    ];
    expect(heard).toEqual([expected, expected]);
  });

  it('reach the others where a listener throws, and the error is not lost', async () => {
    const events = counting();
    const heard: string[] = [];
    const wrong = new Error('wrong');
    const thrown = Promise.withResolvers<unknown>();
    const handlers = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').once('uncaughtException', thrown.resolve);
    events.listen(() => {
      throw wrong;
    });
    events.listen(({ id }) => heard.push(id));
    events.emit(event('a'));
    expect(await thrown.promise).toBe(wrong);
    for (const handler of handlers) process.on('uncaughtException', handler);
    expect(heard).toEqual(['a']);
  });

  it('reach nobody who has ceased to listen, and the others still', () => {
    const events = counting();
    const heard: string[] = [];
    const cease = events.listen(({ id }) => heard.push(`first ${id}`));
    events.listen(({ id }) => heard.push(`second ${id}`));
    events.emit(event('a'));
    cease();
    cease();
    events.emit(event('b'));
    expect(heard).toEqual(['first a', 'second a', 'second b']);
  });

  it('are kept, the last 256 of them, the oldest first', () => {
    const events = counting();
    for (let count = 1; count <= 256; count++) events.emit(event(`${count}`));
    expect([events.past().length, events.past()[0]?.id]).toEqual([256, '1']);
    events.emit(event('257'));
    expect([events.past().length, events.past()[0]?.id, events.past()[255]?.id]).toEqual([256, '2', '257']);
  });

  it('that are kept stand as they were when somebody asked', () => {
    const events = counting();
    const before = events.past();
    events.emit(event('a'));
    expect(before).toEqual([]);
  });
});
