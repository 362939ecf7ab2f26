import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { errorTable } from '../errors.ts';

it('each code is in one part of the table, and each part is in the table', async () => {
  const parts = globSync('*.ts', { cwd: import.meta.dirname }).filter(
    (name) => name !== 'entry.ts' && !name.endsWith('.test.ts'),
  );
  const codes: string[] = [];
  for (const name of parts) {
    const part: Readonly<Record<string, object>> = await import(join(import.meta.dirname, name));
    codes.push(...Object.values(part).flatMap((rows) => Object.keys(rows)));
  }
  expect(codes.toSorted()).toEqual(Object.keys(errorTable).toSorted());
});
