import { expect, it } from 'vitest';
import { createLogger } from '../observe/logger.ts';
import { createFaults } from './faults.ts';

it('a kind of fault is logged once in ten seconds, and each is counted', () => {
  const lines: string[] = [];
  let now = 0;
  const faults = createFaults(
    createLogger('error', (line) => lines.push(line.replace(/^\S+ /, ''))),
    () => now,
  );
  for (now = 0; now < 5; now += 1) faults.note('broken', { sandbox: 'a' });
  faults.note('torn', {});
  now = 10_000;
  faults.note('broken', { sandbox: 'b' });
  expect(lines).toEqual(['error broken sandbox=a\n', 'error torn\n', 'error broken sandbox=b unsaid=4\n']);
  expect(faults.count()).toBe(7);
});
