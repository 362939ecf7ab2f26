import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import type { EngineEvent } from '../../observe/events.ts';
import { parseFilters } from '../filters.ts';
import { presentEvent } from '../presenters/event.ts';
import { parseQuery } from '../query.ts';
import type { Call } from '../route.ts';
import { eventRoutes, passesEvent } from './events.ts';

const connect: EngineEvent = {
  type: 'network',
  action: 'connect',
  id: 'abc',
  attributes: { name: 'n1', container: 'c', type: 'bridge' },
  time: 1_700_000_000_500_000_000n,
};
const exec: EngineEvent = {
  type: 'container',
  action: 'exec_create: sh -c true',
  id: 'def',
  attributes: { name: 'web', image: 'busybox', tier: 'db' },
  time: 1_700_000_001_000_000_000n,
};

const known = ['type', 'event', 'container', 'network', 'label', 'image', 'scope'];
const passing = (filters: object): readonly EngineEvent[] =>
  [connect, exec].filter((event) => passesEvent(parseFilters(JSON.stringify(filters), known), event));

test('events are filtered by type and action', () => {
  expect(passing({ type: ['network'] })).toEqual([connect]);
  expect(passing({ event: ['exec_create'] })).toEqual([exec]);
  expect(passing({ event: ['exec_create: sh -c true', 'connect'] })).toEqual([connect, exec]);
});

test('events are filtered by what they happened to', () => {
  expect(passing({ container: ['web'] })).toEqual([exec]);
  expect(passing({ network: ['ab'] })).toEqual([connect]);
  expect(passing({ container: ['we'] })).toEqual([exec]);
  expect(passing({ image: ['busybox'] })).toEqual([exec]);
  expect(passing({ image: ['busybox:latest'] })).toEqual([]);
  expect(passing({ label: ['tier=db'] })).toEqual([exec]);
  expect(passing({ label: ['type=bridge'] })).toEqual([connect]);
});

test('events have the fields of old for containers only', () => {
  expect(presentEvent(exec)).toMatchObject({
    status: exec.action,
    id: 'def',
    from: 'busybox',
    time: 1700000001,
  });
  expect(presentEvent(connect)).toEqual({
    Type: 'network',
    Action: 'connect',
    Actor: { ID: 'abc', Attributes: connect.attributes },
    scope: 'local',
    time: 1700000000,
    timeNano: 1700000000500000000,
  });
});

test('events are sent until the time that was asked for, be it in months', async () => {
  vi.useFakeTimers();
  try {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const until = Math.floor(Date.now() / 1000) + 60 * 86_400;
    const engine = { events: { past: () => [], listen: () => () => undefined } };
    const call = { engine, query: parseQuery(`until=${until}`), response } as unknown as Call<unknown>;
    await eventRoutes[0]?.handle(call);
    vi.advanceTimersByTime(59 * 86_400_000);
    expect(response.writableEnded).toBe(false);
    vi.advanceTimersByTime(86_400_000);
    expect(response.writableEnded).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});
