import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { RunningTar } from '../images/gnutar.ts';
import { pour } from './copy-up.ts';

/** One that ends when its input does. */
function unpacking(): RunningTar & { readonly stopped: () => boolean } {
  const input = new PassThrough();
  let isStopped = false;
  const done = once(input.resume(), 'end').then(() => undefined);
  return {
    ...{ input, output: new PassThrough(), done },
    stop: () => {
      isStopped = true;
    },
    stopped: () => isStopped,
  };
}

const packing = (output: PassThrough, done: Promise<void>): RunningTar => ({
  ...{ input: new PassThrough(), output, done, stop: () => undefined },
});

it('ends with the error of the one that packs, which leaves the other waiting', async () => {
  const [output, done] = [new PassThrough(), Promise.withResolvers<void>()];
  const unpack = unpacking();
  const poured = pour(packing(output, done.promise), unpack);
  output.write('half of an archive');
  const slow = new Error('tar has not ended within 120 s');
  output.destroy(slow);
  done.reject(slow);
  await expect(poured).rejects.toThrow('tar has not ended');
  expect(unpack.stopped()).toBe(true);
});

it('ends when all is unpacked', async () => {
  const output = new PassThrough();
  const poured = pour(packing(output, Promise.resolve()), unpacking());
  output.end('an archive');
  await poured;
});
