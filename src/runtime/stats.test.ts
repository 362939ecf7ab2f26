import { expect, it } from 'vitest';
import { parseHardLimits } from './host-facts.ts';
import { parseBlkioV1, parseBlkioV2, parseFlat } from './stats.ts';

it('flat files of a cgroup are keys and numbers', () => {
  expect(parseFlat('usage_usec 12\nuser_usec 5\n')).toEqual({ usage_usec: 12, user_usec: 5 });
});

it('block statistics of both versions are read', () => {
  expect(parseBlkioV1('8:0 Read 4096\n8:0 Write 0\nTotal 4096')).toEqual([
    { major: 8, minor: 0, op: 'Read', value: 4096 },
    { major: 8, minor: 0, op: 'Write', value: 0 },
  ]);
  expect(parseBlkioV2('254:16 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0')).toEqual([
    { major: 254, minor: 16, op: 'read', value: 10 },
    { major: 254, minor: 16, op: 'write', value: 20 },
  ]);
});

it('hard limits are read by the names of --ulimit, unlimited ones left out', () => {
  const text = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 20000                files
Max locked memory         8388608              8388608              bytes
`;
  expect(parseHardLimits(text)).toEqual({ nofile: 20000, memlock: 8388608 });
});
