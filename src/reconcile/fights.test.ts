import { expect, test } from 'vitest';
import { Fights } from './fights.ts';

/** Taken away again as soon as it is put back; the waits before each time. */
function fight(
  fights: Fights,
  options: { readonly from: number; readonly every: number; readonly times: number },
) {
  let now = options.from;
  let told = 0;
  const waits: number[] = [];
  for (let time = 0; time < options.times; time++) {
    const wait = fights.wait('firewall', now);
    waits.push(wait);
    now += wait;
    if (fights.putBack('firewall', now)) told++;
    now += options.every;
  }
  return { waits, told, now };
}

test('for ten seconds at once, then with pauses up to a minute, told once', () => {
  const fights = new Fights();
  const { waits, told, now } = fight(fights, { from: 1_000_000, every: 100, times: 110 });
  expect(waits.slice(0, 101)).toEqual(Array(101).fill(0));
  expect(waits.slice(101)).toEqual([900, 1_900, 3_900, 7_900, 15_900, 31_900, 59_900, 59_900, 59_900]);
  expect(told).toBe(1);
  expect(fights.wait('network:1', now)).toBe(0);
});

test('ten times a minute, seconds apart, then with pauses', () => {
  const { waits, told } = fight(new Fights(), { from: 1_000_000, every: 3_000, times: 13 });
  expect(waits).toEqual([...Array(11).fill(0), 0, 1_000]);
  expect(told).toBe(1);
});

test('reloads of a firewall are no fight, each of many times within seconds', () => {
  const fights = new Fights();
  for (let reload = 0; reload < 9; reload++)
    for (let time = 0; time < 15; time++) {
      const now = reload * 6_000 + time * 250;
      expect(fights.wait('firewall', now)).toBe(0);
      expect(fights.putBack('firewall', now)).toBe(false);
    }
});

test('after a minute of quiet nothing is delayed any more', () => {
  const fights = new Fights();
  const { now } = fight(fights, { from: 0, every: 100, times: 101 });
  expect(fights.wait('firewall', now)).toBe(900);
  expect(fights.putBack('firewall', now + 70_000)).toBe(false);
  expect(fights.wait('firewall', now + 70_000)).toBe(0);
});

test('a few times each minute are no fight', () => {
  const fights = new Fights();
  for (let time = 0; time < 50; time++) expect(fights.putBack('firewall', time * 7_000)).toBe(false);
});

test('a few times in one long burst are no fight', () => {
  const fights = new Fights();
  for (let time = 0; time < 9; time++) expect(fights.putBack('firewall', time * 1_900)).toBe(false);
});
