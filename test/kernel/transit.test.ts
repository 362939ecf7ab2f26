/** Descriptors that wait in a pair of sockets. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Transit } from '../../src/kernel/ports/transit.ts';

/** A file of which nothing else has descriptors. */
const file = import.meta.filename;
const isOfFile = (fd: string): boolean => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === file;
  } catch {
    return false;
  }
};
const opened = (): number => readdirSync('/proc/self/fd').filter(isOfFile).length;
const limit = (value: number | string): void =>
  void execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${value}:`]);
const some = (first: number, count: number): ReadonlyMap<number, number> =>
  new Map(Array.from({ length: count }, (_, index) => [first + index, openSync(file, 'r')]));

test('keeps what is asked for, and closes the rest', () => {
  const transit = new Transit();
  transit.send(some(0, 20));
  transit.send(some(20, 20));
  expect(opened()).toBe(0);
  expect(transit.keep((key) => key % 10 === 0)).toEqual([0, 10, 20, 30]);
  expect(transit.keep((key) => key > 10)).toEqual([20, 30]);
  expect(opened()).toBe(0);
  transit.close();
});

test('what the limit of descriptors cuts off is no longer held, and all others keep their keys', () => {
  const transit = new Transit();
  const former = execFileSync(
    'prlimit',
    ['--pid', String(process.pid), '--nofile', '-o', 'SOFT', '--noheadings'],
    {
      encoding: 'utf8',
    },
  ).trim();
  const spare = openSync(file, 'r');
  transit.send(some(0, 200));
  transit.send(some(1000, 40));
  try {
    // descriptors are numbered from the lowest free one
    limit(spare + 101);
    const kept = transit.keep(() => true);
    expect(kept.slice(-40)).toEqual(Array.from({ length: 40 }, (_, index) => 1000 + index));
    const first = kept.slice(0, -40);
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(200);
    expect(first).toEqual(Array.from({ length: first.length }, (_, index) => index));
  } finally {
    limit(former);
    closeSync(spare);
    transit.close();
  }
});
