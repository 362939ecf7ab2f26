import { describe, expect, it } from 'vitest';
import { resolveUser } from './user.ts';

const files = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/:/bin/sh\n# comment\n\n123:x:7:8::/:\n',
  group: 'root:x:0:\nwheel:x:10:root\napp:x:1001:\naudio:x:29:app,other\n',
};

describe('the user of a process', () => {
  it.each([
    ['', [], { uid: 0, gid: 0, additionalGids: [0, 10] }],
    ['root', [], { uid: 0, gid: 0, additionalGids: [0, 10] }],
    ['app', [], { uid: 1000, gid: 1001, additionalGids: [1001, 29] }],
    ['1000', [], { uid: 1000, gid: 1001, additionalGids: [1001, 29] }],
    ['123', [], { uid: 7, gid: 8, additionalGids: [8] }],
    ['4242', [], { uid: 4242, gid: 0, additionalGids: [0] }],
    ['app:wheel', [], { uid: 1000, gid: 10, additionalGids: [10] }],
    ['1:2', [], { uid: 1, gid: 2, additionalGids: [2] }],
    ['app', ['audio', '99'], { uid: 1000, gid: 1001, additionalGids: [1001, 29, 99] }],
  ])('%s with groups %j', (user, groups, expected) => {
    expect(resolveUser(user, groups, files)).toEqual(expected);
  });

  it('is a number where there are no account files', () => {
    expect(resolveUser('5:6', [], { passwd: '', group: '' })).toEqual({
      uid: 5,
      gid: 6,
      additionalGids: [6],
    });
    expect(resolveUser('', [], { passwd: '', group: '' })).toEqual({ uid: 0, gid: 0, additionalGids: [0] });
  });

  it.each([
    ['bob', [], 'unable to find user bob: no matching entries in passwd file'],
    ['app:nobody', [], 'unable to find group nobody: no matching entries in group file'],
    ['app', ['none'], 'unable to find group none: no matching entries in group file'],
    ['-1', [], 'uids and gids must be in range 0-2147483647'],
    ['app:-1', [], 'uids and gids must be in range 0-2147483647'],
    ['99999999999', [], 'uids and gids must be in range 0-2147483647'],
  ])('%s, %j is refused: %s', (user, groups, why) => {
    expect(() => resolveUser(user, groups, files)).toThrow(why);
  });
});
