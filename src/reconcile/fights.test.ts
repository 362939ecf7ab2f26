import { expect, test } from 'vitest';
import { Fights } from './fights.ts';

test('ten times a minute at once, then with pauses up to a minute, told once', () => {
  const fights = new Fights();
  let now = 1_000_000;
  let told = 0;
  const waits: number[] = [];
  for (let time = 0; time < 18; time++) {
    const wait = fights.wait('firewall', now);
    waits.push(wait);
    now += wait + 10;
    if (fights.putBack('firewall', now)) told++;
    now += 10;
  }
  expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
  expect(waits.slice(10)).toEqual([990, 1_990, 3_990, 7_990, 15_990, 31_990, 59_990, 59_990]);
  expect(told).toBe(1);
  expect(fights.wait('network:1', now)).toBe(0);
});

test('after a minute of quiet nothing is delayed any more', () => {
  const fights = new Fights();
  for (let time = 0; time < 10; time++) fights.putBack('firewall', time);
  expect(fights.wait('firewall', 10)).toBe(999);
  expect(fights.putBack('firewall', 70_000)).toBe(false);
  expect(fights.wait('firewall', 70_000)).toBe(0);
});

test('a few times each minute are no fight', () => {
  const fights = new Fights();
  for (let time = 0; time < 50; time++) expect(fights.putBack('firewall', time * 7_000)).toBe(false);
});
