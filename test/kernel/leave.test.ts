/** The end of a process one of whose threads hangs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const source = join(import.meta.dirname, '../../src');

const hanging = `
  import { AF_UNIX, SOCK_DGRAM } from '${source}/kernel/ffi/constants.ts';
  import { recv, socket } from '${source}/kernel/ffi/libc.ts';
  import { offLoop } from '${source}/kernel/ffi/off-loop.ts';
  import { leave } from '${source}/main/leave.ts';
  const nobodySends = socket(AF_UNIX, SOCK_DGRAM, 0);
  void offLoop((done) => recv.async(nobodySends, new Uint8Array(1), 1, 0, done), String);
  void leave(3);
`;

test('is not held up by a system call that does not return', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', hanging], { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(await once(child, 'exit')).toEqual([3, null]);
});
