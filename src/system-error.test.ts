import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasErrno, systemReason, systemSentence } from './system-error.ts';

function thrownBy(call: () => void): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the failure of a system call', () => {
  const thrown = thrownBy(() => mkdirSync('/proc/none/folder'));

  it('is told as Docker tells it', () => {
    expect(systemReason(thrown)).toBe('no such file or directory');
    expect(systemSentence(thrown)).toBe('mkdir /proc/none/folder: no such file or directory');
  });

  it('is known by its code', () => {
    expect([hasErrno(thrown, 'EIO', 'ENOENT'), hasErrno(thrown, 'ENOSPC')]).toEqual([true, false]);
  });

  it.each([[new Error('a bug')], ['text'], [undefined]])('is not what %s is', (other) => {
    expect([systemReason(other), systemSentence(other), hasErrno(other, 'ENOENT')]).toEqual([
      undefined,
      undefined,
      false,
    ]);
  });
});
