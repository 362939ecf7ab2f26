import { describe, expect, it } from 'vitest';
import type { Compare } from '../kv.ts';
import { Frames, Reader, Writer } from './jute.ts';
import { foldersTo, Paths, parentOf } from './paths.ts';
import { operationsOf } from './plan.ts';

describe('paths', () => {
  it.each([
    ['', 'a', '/=a'],
    ['', 'a/b', '/a/=b'],
    ['p/q', 'a', '/p/q/=a'],
    ['p/q', 'ip/n/fd00::1', '/p/q/ip/n/=fd00::1'],
  ])('below %j %s is %s, and back', (folder, key, path) => {
    const paths = new Paths(folder);
    expect(paths.of(key)).toBe(path);
    expect(paths.key(path)).toBe(key);
  });

  it('tell keys from folders, and from what lies outside', () => {
    const paths = new Paths('p');
    expect(['/p/a', '/p', '/q/=a', '/pp/=a', '/=a'].map((path) => paths.key(path))).toEqual(
      Array(5).fill(undefined),
    );
    expect([paths.folder(''), paths.folder('a'), new Paths('').folder('')]).toEqual(['/p', '/p/a', '/']);
    expect([foldersTo('/a/b'), foldersTo('/'), parentOf('/=a')]).toEqual([['/a', '/a/b'], [], '/']);
  });
});

describe('jute', () => {
  it('reads what it wrote, in parts of any size', () => {
    const message = new Writer()
      .int(-1)
      .long(-2n)
      .bool(true)
      .text('Straße')
      .buffer(Buffer.alloc(300, 7))
      .framed();
    for (const size of [1, 3, 1000]) {
      const frames = new Frames(1000);
      const whole: Buffer[] = [];
      const twice = Buffer.concat([message, message]);
      for (let at = 0; at < twice.length; at += size)
        whole.push(...frames.take(twice.subarray(at, at + size)));
      expect(whole).toHaveLength(2);
      const reader = new Reader(whole[1] ?? Buffer.alloc(0));
      expect([reader.int(), reader.long(), reader.bool(), reader.text()]).toEqual([-1, -2n, true, 'Straße']);
      expect(reader.buffer()).toHaveLength(300);
    }
  });

  it('refuses lengths that make no sense', () => {
    expect(() => new Frames(1000).take(Buffer.from('HTTP/1.1 400'))).toThrow(RangeError);
    expect(() => new Frames(1000).take(Buffer.from([255, 255, 255, 255]))).toThrow(RangeError);
    expect(() => new Reader(new Writer().int(9).framed().subarray(4)).buffer()).toThrow(RangeError);
    expect(() =>
      new Reader(
        new Writer()
          .int(2 ** 30)
          .framed()
          .subarray(4),
      ).texts(),
    ).toThrow(RangeError);
  });
});

describe('a transaction', () => {
  const paths = new Paths('');
  const stat = (version: number, owner = 0n) => ({ mzxid: 7, version, owner });
  const found = new Map([
    ['/=a', stat(3)],
    ['/n/=b', stat(0, 9n)],
    ['/n', stat(5)],
    ['/', stat(2)],
  ]);
  const plan = (transaction: Parameters<typeof operationsOf>[0]) =>
    operationsOf(transaction, { paths, found, session: 9n }).map(({ op, path, ...rest }) =>
      'version' in rest
        ? `${op} ${path} ${rest.version}`
        : `${op} ${path}${rest.ephemeral ? ' ephemeral' : ''}`,
    );
  const session = { id: '9', ttl: 1, lost: Promise.resolve(), close: async () => undefined };

  it('compares the versions of a key and its folder', () => {
    const compare: Compare[] = [{ key: 'a', revision: 7 }];
    expect(plan({ compare, put: [{ key: 'a', value: '' }] })).toEqual([
      'check / 2',
      'check /=a 3',
      'setData /=a 3',
    ]);
  });

  it('changes the folder of what it creates, once', () => {
    const put = ['n/x', 'n/y'].map((key) => ({ key, value: '' }));
    expect(plan({ put })).toEqual(['setData /n -1', 'create /n/=x', 'create /n/=y']);
  });

  it('makes a key again that changes its session', () => {
    expect(plan({ put: [{ key: 'n/b', value: '' }] })).toEqual([
      'setData /n -1',
      'delete /n/=b 0',
      'create /n/=b',
    ]);
    expect(plan({ put: [{ key: 'n/b', value: '', session }] })).toEqual(['setData /n/=b 0']);
    expect(plan({ put: [{ key: 'a', value: '', session }] })).toEqual([
      'setData / -1',
      'delete /=a 3',
      'create /=a ephemeral',
    ]);
  });

  it('creates what must be absent, and takes it away', () => {
    expect(plan({ compare: [{ key: 'n/z', absent: true }], remove: ['a', 'gone'] })).toEqual([
      'setData /n -1',
      'create /n/=z',
      'delete /n/=z -1',
      'delete /=a 3',
    ]);
  });
});
