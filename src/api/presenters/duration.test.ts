import { expect, test } from 'vitest';
import { humanDuration } from './duration.ts';

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

test.each([
  [450, 'Less than a second'],
  [-5, 'Less than a second'],
  [second, '1 second'],
  [59 * second, '59 seconds'],
  [60 * second, 'About a minute'],
  [119 * second, 'About a minute'],
  [3 * 60 * second, '3 minutes'],
  [hour, 'About an hour'],
  [hour + 29 * 60 * second, 'About an hour'],
  [hour + 30 * 60 * second, '2 hours'],
  [47 * hour, '47 hours'],
  [2 * day, '2 days'],
  [13 * day, '13 days'],
  [14 * day, '2 weeks'],
  [59 * day, '8 weeks'],
  [60 * day, '2 months'],
  [729 * day, '24 months'],
  [730 * day, '2 years'],
])('%i ms is %s', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text);
});
