import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Demultiplexer } from '#client/frames.ts';
import { DetachWatcher, parseDetachKeys } from './detach-keys.ts';

function frame(stream: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

describe('frames', () => {
  it('are the same wherever the chunks are cut', () => {
    const bytes = Buffer.concat([frame(1, 'hello '), frame(2, 'trouble'), frame(1, ''), frame(1, 'world')]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (sizes) => {
        const seen = { 1: '', 2: '' };
        const frames = new Demultiplexer((stream, payload) => {
          seen[stream] += payload.toString();
        });
        let at = 0;
        for (const size of sizes) {
          frames.push(bytes.subarray(at, at + size));
          at += size;
        }
        frames.push(bytes.subarray(at));
        expect(seen).toEqual({ 1: 'hello world', 2: 'trouble' });
      }),
    );
  });

  it('of the engine’s own errors are errors', () => {
    const frames = new Demultiplexer(() => {});
    expect(() => frames.push(frame(3, 'out of disk'))).toThrow('error from daemon in stream: out of disk');
    expect(() => new Demultiplexer(() => {}).push(Buffer.from('plain text'))).toThrow(
      'Unrecognized input header',
    );
  });
});

describe('detach keys', () => {
  it('are control keys and letters', () => {
    expect([...parseDetachKeys('ctrl-p,ctrl-q')]).toEqual([16, 17]);
    expect([...parseDetachKeys('ctrl-@,a,ctrl-[')]).toEqual([0, 97, 27]);
    expect(() => parseDetachKeys('zz')).toThrow("Unknown character: 'zz'");
  });

  const typed = (text: string, keys = 'ctrl-p,ctrl-q') => {
    const watcher = new DetachWatcher(parseDetachKeys(keys));
    const parts = [...text].map((key) => watcher.push(Buffer.from(key, 'latin1')));
    return {
      passed: Buffer.concat(parts.map(({ pass }) => pass)).toString('latin1'),
      detached: parts.at(-1)?.detached,
    };
  };

  it('are kept from the container, and nothing else is', () => {
    expect(typed('ls\x10\x11')).toEqual({ passed: 'ls', detached: true });
    expect(typed('a\x10b')).toEqual({ passed: 'a\x10b', detached: false });
    expect(typed('\x10\x10\x11')).toEqual({ passed: '\x10', detached: true });
    expect(typed('a\x11')).toEqual({ passed: 'a\x11', detached: false });
  });

  it('are found within a paste', () => {
    const watcher = new DetachWatcher(parseDetachKeys('ctrl-p,ctrl-q'));
    expect(watcher.push(Buffer.from('abc\x10\x11def'))).toMatchObject({ detached: true });
  });
});
