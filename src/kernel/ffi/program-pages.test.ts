import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPageDropper, readOnlyRanges } from './program-pages.ts';

const mapping = (head: string, anonymous = 0): string => `${head}
Size:               4280 kB
Rss:                4276 kB
Anonymous:      ${String(anonymous).padStart(8)} kB
VmFlags: rd mr mw me sd
`;

test('read-only mappings of the program, and no others', () => {
  const smaps = [
    mapping('00400000-0082e000 r--p 00000000 fe:00 5317434                            /opt/node'),
    mapping('0082e000-03489000 r-xp 0042e000 fe:00 5317434                            /opt/node'),
    mapping('072a8000-07300000 r--p 06ea7000 fe:00 5317434                            /opt/node', 352),
    mapping('07300000-07400000 rw-p 06f00000 fe:00 5317434                            /opt/node'),
    mapping('7fc900000000-7fc900100000 r--s 00000000 fe:00 1                          /opt/node'),
    mapping('7fc910000000-7fc910100000 r-xp 00000000 fe:00 2                          /lib/libc.so.6'),
    mapping('7fc920000000-7fc920100000 r-xp 00000000 00:00 0 '),
  ].join('');
  expect(readOnlyRanges(smaps, '/opt/node')).toEqual([
    { start: 0x400000, length: 0x42e000 },
    { start: 0x82e000, length: 0x2c5b000 },
  ]);
});

const residentFiles = (): number =>
  Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);

test('pages are dropped, and come back when they are used', () => {
  const drop = createPageDropper();
  const before = residentFiles();
  drop();
  expect(residentFiles()).toBeLessThan(before / 2);
  expect(JSON.stringify({ still: ['here'] })).toBe('{"still":["here"]}');
});
