import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drawn } from '../../../test/api/memory-map.ts';
import type { NetworkMap } from '../../engine/map-verbs.ts';
import { parseQuery } from '../query.ts';
import type { Call } from '../route.ts';
import { mapRoutes } from './map.ts';

let clock = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function pass(milliseconds: number): void {
  clock += milliseconds;
  vi.advanceTimersByTime(milliseconds);
}

/** What is written is the name of the host in each picture. */
class Client extends EventEmitter {
  readonly names: string[] = [];
  writableNeedDrain = false;
  writeHead(): void {}
  flushHeaders(): void {}
  write(line: string): void {
    this.names.push((JSON.parse(line) as { Host: { Name: string } }).Host.Name);
  }
}

/** A client of the stream, of an engine whose pictures take so many milliseconds. */
function follower(cost = 0) {
  const listeners = new Set<() => void>();
  let name = 'host1';
  let pictures = 0;
  const map = {
    picture(): NetworkMap {
      pictures += 1;
      clock += cost;
      return { ...drawn, host: { ...drawn.host, name } };
    },
    follow(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const client = new Client();
  const call = { engine: { map }, query: parseQuery('follow=1'), response: client };
  void mapRoutes[0]?.handle(call as unknown as Call<unknown>);
  const change = (next: string): void => {
    name = next;
    for (const listener of listeners) listener();
  };
  return { client, listeners, change, pictures: () => pictures };
}

test('each change is a line, and what is the same as before is none', () => {
  const { change, client } = follower();
  for (const name of ['host2', 'host2', 'host3']) {
    pass(10);
    change(name);
  }
  pass(10);
  expect(client.names).toEqual(['host1', 'host2', 'host3']);
});

test('where a picture takes long, it is drawn a tenth of the time at most, and the last one in any case', () => {
  const { change, client, pictures } = follower(100);
  for (let i = 0; i < 100; i++) {
    change(`host${i}`);
    pass(20);
  }
  expect(pictures()).toBeLessThanOrEqual(4);
  pass(2_000);
  expect(client.names.at(-1)).toBe('host99');
});

test('a client that does not read misses some, and gets the last one when it reads again', () => {
  const { change, client } = follower();
  client.writableNeedDrain = true;
  for (const name of ['host2', 'host3']) {
    pass(10);
    change(name);
  }
  client.writableNeedDrain = false;
  client.emit('drain');
  expect(client.names).toEqual(['host1', 'host3']);
});

test('nobody listens and nothing is drawn once the client is gone', () => {
  const { client, listeners, change, pictures } = follower(100);
  change('host2');
  client.emit('close');
  pass(10_000);
  expect([listeners.size, pictures()]).toEqual([0, 1]);
});
