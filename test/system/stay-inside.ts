/** The test process itself on the engine's host: for libraries that connect to published ports themselves. */
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import { CLONE_NEWNET } from '../../src/kernel/ffi/constants.ts';
import { checked } from '../../src/kernel/ffi/fault.ts';
import * as libc from '../../src/kernel/ffi/libc.ts';
import { OWN_NAMESPACE } from '../../src/kernel/netns/enter.ts';

/**
 * The main thread, which opens all sockets, is in the namespace of that path while the tests of this file
 * run. To be called after `openTestEngine`, whose end then finds it at home again.
 */
export function stayInside(path: string): void {
  let home = -1;
  const enter = (fd: number): void => {
    checked(libc.setns(fd, CLONE_NEWNET), 'enter a network namespace');
  };
  beforeAll(() => {
    home = openSync(OWN_NAMESPACE, 'r');
    const fd = openSync(path, 'r');
    enter(fd);
    closeSync(fd);
  });
  afterAll(() => {
    if (home < 0) return;
    enter(home);
    closeSync(home);
  });
}
