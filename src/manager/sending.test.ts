import type { ServerHttp2Stream } from 'node:http2';
import { Writable } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { behind, type Outlet, sendTo } from './sending.ts';

/** A stream whose other end has read all but so many bytes. */
const outlet = (writableLength: number) => ({
  ...{ destroyed: false, writable: true, writableLength, write: vi.fn(), close: vi.fn() },
});

it('ends the session of a node that does not read, before what waits for it fills the memory', () => {
  const full = vi.fn();
  const [reading, deaf] = [outlet(1 << 20), outlet((64 << 20) + 1)];
  for (const one of [reading, deaf]) sendTo(one as unknown as Outlet, full)({ op: 'beat' });
  expect([reading.write.mock.calls.length, reading.close.mock.calls.length]).toEqual([1, 0]);
  expect([deaf.write.mock.calls.length, deaf.close.mock.calls.length]).toEqual([0, 1]);
  expect(full).toHaveBeenCalledOnce();
});

it('sends nothing to a stream that is over', () => {
  const gone = { ...outlet(0), destroyed: true };
  sendTo(gone as unknown as Outlet, () => undefined)({ op: 'beat' });
  expect(gone.write).not.toHaveBeenCalled();
});

it('tells when a node is behind, and once when it has read', () => {
  const stream = new Writable({ highWaterMark: 4, write: (_chunk, _encoding, done) => setImmediate(done) });
  const read = vi.fn();
  const isBehind = behind(stream as unknown as Outlet & ServerHttp2Stream);
  expect(isBehind(read)).toBe(false);
  stream.write('more than four');
  expect(isBehind(read)).toBe(true);
  stream.emit('drain');
  stream.emit('drain');
  expect(read).toHaveBeenCalledOnce();
});
