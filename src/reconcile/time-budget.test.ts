import { expect, it } from 'vitest';
import { TimeBudget } from './time-budget.ts';

it('lets a burst through, then a share of the time', () => {
  const budget = new TimeBudget({ share: 1 / 20, burst: 500 });
  let now = 1_000_000;
  for (let look = 0; look < 3; look += 1) {
    expect(budget.wait(now)).toBe(0);
    budget.spent(200, now);
    now += 100;
  }
  const wait = budget.wait(now);
  expect(wait).toBeGreaterThan(1_000);
  expect(budget.wait(now + wait)).toBe(0);
});

it('takes no more than its share in the long run, and has its burst again after a quiet time', () => {
  const budget = new TimeBudget({ share: 1 / 10, burst: 100 });
  let now = 0;
  let worked = 0;
  while (now < 100_000) {
    now += budget.wait(now) + 50;
    budget.spent(50, now);
    worked += 50;
  }
  expect(worked / now).toBeLessThan(0.11);
  now += 10_000;
  budget.spent(90, now);
  expect(budget.wait(now)).toBe(0);
});
