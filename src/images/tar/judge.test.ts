import { describe, expect, it } from 'vitest';
import type { EntryKind, TarEntry } from './entry.ts';
import { LayerJudge, type Verdict } from './judge.ts';
import { plainEntry } from './writer.ts';

type Short = readonly [kind: EntryKind, name: string, linkName?: string];

function judge(...entries: readonly Short[]): Verdict[] {
  const one = new LayerJudge();
  return entries.map(([kind, name, linkName = '']) =>
    one.judge({ ...plainEntry(kind, name), linkName } satisfies TarEntry),
  );
}

const last = (...entries: readonly Short[]): Verdict | undefined => judge(...entries).at(-1);

describe('where an entry lands', () => {
  it.each([
    ['a', 'a'],
    ['./a/b', 'a/b'],
    ['/a', 'a'],
    ['a//b/./c', 'a/b/c'],
    ['a/../b', 'b'],
  ])('%s is %s', (name, path) => {
    expect(last(['file', name])).toMatchObject({ kind: 'entry', path });
  });

  it('folders that the archive leaves out are named, outermost first, once', () => {
    expect(judge(['file', 'a/b/c'], ['file', 'a/b/d'])).toMatchObject([
      { missing: ['a', 'a/b'] },
      { missing: [] },
    ]);
  });

  it('a link of the archive is followed inside the root', () => {
    expect(last(['dir', 'usr/lib'], ['symlink', 'lib', 'usr/lib'], ['file', 'lib/x'])).toMatchObject({
      path: 'usr/lib/x',
    });
    expect(last(['symlink', 'run', '/var/run'], ['file', 'run/x'])).toMatchObject({ path: 'var/run/x' });
    expect(last(['symlink', 'a', '/b'], ['symlink', 'b', 'c/d'], ['file', 'a/x'])).toMatchObject({
      path: 'c/d/x',
    });
  });

  it('the last component is never followed', () => {
    expect(judge(['symlink', 'a', '/etc'], ['symlink', 'b/c', '../a'])[1]).toMatchObject({ path: 'b/c' });
  });

  it('whiteouts and opaque marks are told apart', () => {
    expect(judge(['file', 'etc/.wh.passwd'], ['file', 'etc/.wh..wh..opq'], ['file', '.wh..wh.plnk'])).toEqual(
      [
        { kind: 'whiteout', path: 'etc/passwd', missing: ['etc'] },
        { kind: 'opaque', path: 'etc', missing: [] },
        { kind: 'skip' },
      ],
    );
  });

  it('a hard link leads to where its target really is', () => {
    expect(last(['symlink', 'lib', 'usr/lib'], ['file', 'usr/lib/x'], ['link', 'y', 'lib/x'])).toMatchObject({
      path: 'y',
      linkName: 'usr/lib/x',
    });
  });
});

describe('what is refused', () => {
  const refused: readonly (readonly [string, RegExp, readonly Short[]])[] = [
    ['a name that leads out', /"\.\.\/x": it leads out of the root/, [['file', '../x']]],
    ['a name that leads out in the end', /leads out/, [['file', 'a/../../x']]],
    ['an absolute name that leads out', /leads out/, [['file', '/../x']]],
    ['a symbolic link out of the root', /invalid symlink "a" -> "\.\.\/etc"/, [['symlink', 'a', '../etc']]],
    ['a deeper one', /invalid symlink/, [['symlink', 'a/b', '../../etc']]],
    [
      'a path through a link out of the root',
      /leads out of the root/,
      [
        ['symlink', 'a', '/../etc'],
        ['file', 'a/x'],
      ],
    ],
    [
      'a path through a loop of links',
      /too many levels/,
      [
        ['symlink', 'a', 'b'],
        ['symlink', 'b', 'a'],
        ['file', 'a/x'],
      ],
    ],
    [
      'a path through a file',
      /"a" is not a directory/,
      [
        ['file', 'a'],
        ['file', 'a/b'],
      ],
    ],
    [
      'a path through a hard link to a link',
      /not a directory/,
      [
        ['symlink', 's', '/etc'],
        ['link', 'h', 's'],
        ['file', 'h/x'],
      ],
    ],
    ['an absolute hard link', /an absolute target/, [['link', 'a', '/etc/passwd']]],
    ['a hard link out of the root', /leads out/, [['link', 'a', '../etc/passwd']]],
    ['a hard link to nothing', /no such file before it/, [['link', 'a', 'b']]],
    [
      'a hard link to a folder',
      /no such file/,
      [
        ['dir', 'd'],
        ['link', 'a', 'd'],
      ],
    ],
    [
      'a path twice',
      /duplicates of file paths/,
      [
        ['file', 'a'],
        ['symlink', 'a', 'b'],
      ],
    ],
    [
      'a path that is both there and deleted',
      /both in the layer and deleted/,
      [
        ['file', 'a'],
        ['file', '.wh.a'],
      ],
    ],
    ['a whiteout of the parent', /invalid whiteout/, [['file', 'a/.wh...']]],
    ['a whiteout of nothing', /invalid whiteout/, [['file', 'a/.wh.']]],
    ['a file in place of the root', /replace the root/, [['file', './']]],
    ['no name', /without a name/, [['file', '']]],
    ['a NUL in a name', /NUL/, [['file', 'a\0b']]],
  ];
  it.each(refused)('%s', (_, why, entries) => {
    expect(() => judge(...entries)).toThrow(why);
  });

  it('nothing that a distribution has', () => {
    judge(
      ['dir', './'],
      ['dir', './usr/bin'],
      ['symlink', './bin', 'usr/bin'],
      ['symlink', './etc/mtab', '../proc/self/mounts'],
      ['symlink', './etc/alternatives/awk', '/usr/bin/mawk'],
      ['char', './dev/null'],
      ['file', './usr/bin/perl'],
      ['link', './usr/bin/perl5', './usr/bin/perl'],
      ['dir', './usr/bin'],
      ['fifo', './run/initctl'],
    );
  });
});
