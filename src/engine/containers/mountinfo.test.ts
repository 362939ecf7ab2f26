import { describe, expect, it } from 'vitest';
import { mountAround } from './mountinfo.ts';

const mountinfo = [
  '20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
  '30 20 0:20 / /mnt rw master:1 - tmpfs tmpfs rw',
  '31 30 0:21 / /mnt/a\\040b rw - tmpfs tmpfs rw',
  '32 20 0:22 / /twice rw shared:5 - tmpfs tmpfs rw',
  '33 32 0:23 / /twice rw - tmpfs tmpfs rw',
  '',
].join('\n');

describe('the mount that a path lies in', () => {
  it('is the one with the longest target above it', () => {
    expect(mountAround('/mnt/x', mountinfo)).toEqual({ target: '/mnt', isShared: false, isSlave: true });
    expect(mountAround('/etc', mountinfo)).toEqual({ target: '/', isShared: true, isSlave: false });
  });

  it('is not one whose name only begins alike', () => {
    expect(mountAround('/mnt2', mountinfo)?.target).toBe('/');
  });

  it('may have blanks in its target', () => {
    expect(mountAround('/mnt/a b/c', mountinfo)?.target).toBe('/mnt/a b');
  });

  it('is the one that was mounted last on a target', () => {
    expect(mountAround('/twice', mountinfo)?.isShared).toBe(false);
  });
});
