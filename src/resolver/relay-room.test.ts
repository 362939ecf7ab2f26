import { expect, test } from 'vitest';
import type { RelayRoom } from './relay.ts';
import { roomsFor } from './relay-room.ts';

function fill(room: RelayRoom): number {
  let count = 0;
  while (room.enter()) count++;
  return count;
}

test('a port that is filled leaves room for the others', () => {
  const roomOfPort = roomsFor(1_024);
  const rooms = Array.from({ length: 5 }, roomOfPort);
  expect(rooms.map(fill)).toEqual([512, 256, 128, 64, 32]);
});

test('who leaves makes room', () => {
  const room = roomsFor(8)();
  expect(fill(room)).toBe(4);
  room.leave();
  expect(fill(room)).toBe(1);
});
