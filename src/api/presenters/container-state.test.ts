import { expect, test } from 'vitest';
import { containerOf, hex, running } from '../../../test/api/records.ts';
import type { ContainerState } from '../../model/container.ts';
import { presentState, statusText } from './container-state.ts';

const now = Date.parse('2026-01-01T00:05:00Z');
const created = containerOf(hex('1'), { Image: 'busybox' }).state;
const exited: ContainerState = {
  ...running(),
  status: 'exited',
  exitCode: 3,
  finishedAt: '2026-01-01T00:04:57Z',
};

test.each([
  [created, 'Created'],
  [running(), 'Up 5 minutes'],
  [{ ...running(), status: 'paused' as const }, 'Up 5 minutes (Paused)'],
  [
    { ...running(), health: { status: 'healthy' as const, failingStreak: 0, log: [] } },
    'Up 5 minutes (healthy)',
  ],
  [
    { ...running(), health: { status: 'starting' as const, failingStreak: 0, log: [] } },
    'Up 5 minutes (health: starting)',
  ],
  [exited, 'Exited (3) 3 seconds ago'],
  [{ ...exited, status: 'restarting' as const }, 'Restarting (3) 3 seconds ago'],
  [{ ...exited, status: 'dead' as const }, 'Dead'],
  [{ ...exited, status: 'removing' as const }, 'Removal In Progress'],
])('%o is told as %s', (state, text) => {
  expect(statusText(state, now)).toBe(text);
});

test('a paused container runs', () => {
  const container = containerOf(
    hex('1'),
    { Image: 'busybox' },
    { state: { ...running(), status: 'paused' } },
  );
  expect(presentState(container)).toMatchObject({
    Status: 'paused',
    Running: true,
    Paused: true,
    Dead: false,
  });
});
