import { expect, it } from 'vitest';
import { inTheEnd } from './in-the-end.ts';

it('never rejects, and tries again what has failed', async () => {
  const said: string[] = [];
  let tries = 0;
  const task = async (): Promise<void> => {
    tries += 1;
    if (tries < 3) throw new Error('busy');
  };
  const logger = { warn: (text: string) => void said.push(text) };
  await inTheEnd(task, { doing: 'removing layers', logger, pauses: [1, 1, 1] });
  expect(tries).toBe(1);
  await expect.poll(() => tries).toBe(3);
  expect(said).toEqual(Array(2).fill('removing layers: it will be tried again'));
});
