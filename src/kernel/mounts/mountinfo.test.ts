import { expect, test } from 'vitest';
import { isBelow, parseMountinfo } from './mountinfo.ts';

test('a line has root, target and type, with octal escapes and optional fields or without', () => {
  const text = [
    '23 28 0:22 / /proc rw,nosuid shared:12 master:1 - proc proc rw',
    '99 28 0:4 net:[4026532281] /run/netns/a\\040b\\134 rw - nsfs nsfs rw',
    '100 28 0:50 / /tmp/x\\011y\\012z rw - overlay overlay rw,lowerdir=/a - b',
    '',
  ].join('\n');
  expect(parseMountinfo(text)).toEqual([
    { root: '/', target: '/proc', type: 'proc' },
    { root: 'net:[4026532281]', target: '/run/netns/a b\\', type: 'nsfs' },
    { root: '/', target: '/tmp/x\ty\nz', type: 'overlay' },
  ]);
});

test('a folder has itself and what lies in it, and not its namesakes', () => {
  expect(isBelow('/a/b', '/a/b/')).toBe(true);
  expect(isBelow('/a/b/c', '/a/b')).toBe(true);
  expect(isBelow('/a/bc', '/a/b')).toBe(false);
  expect(isBelow('/anything', '/')).toBe(true);
});
