/** conmon and what it has started, killed together. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { identify } from '../programs/identity.ts';
import { killWithMonitor } from './monitor.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-monitor-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a monitor that is killed with its child does not report the end of the child', async () => {
  const [childFile, report] = [join(folder, 'child'), join(folder, 'report')];
  // as conmon does: waits for its child, then writes how it ended
  const script = `sleep 1000 & echo $! > ${childFile}; wait $!; echo $? > ${report}`;
  for (let round = 0; round < 10; round++) {
    rmSync(childFile, { force: true });
    const monitor = spawn('sh', ['-c', script], { stdio: 'ignore' });
    const ended = new Promise((resolve) => monitor.once('exit', resolve));
    const child = await eventually(() => {
      const text = readFileSync(childFile, 'utf8');
      expect(text).toMatch(/^\d+\n$/);
      return Number(text);
    });
    killWithMonitor(identify(monitor.pid ?? 0));
    await ended;
    await eventually(() => expect(identify(child)).toBeUndefined());
  }
  await delay(50);
  expect(existsSync(report)).toBe(false);
});
