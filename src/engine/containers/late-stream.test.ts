import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { LateStream } from './late-stream.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The end of the process: what was written to it, and a way to say something. */
function process() {
  const written: Buffer[] = [];
  const inner = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  return { inner, written: () => Buffer.concat(written).toString() };
}

async function read(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('a stream that is there before its process', () => {
  it('passes on what was written before, and what is written after', async () => {
    const late = new LateStream();
    late.write('before ');
    late.write('too ');
    const { inner, written } = process();
    late.join(inner);
    late.write('after');
    await turn();
    expect(written()).toBe('before too after');
  });

  it('passes on the end of what is written, also if it came before', async () => {
    for (const early of [true, false]) {
      const late = new LateStream();
      const { inner, written } = process();
      if (early) late.end('all');
      late.join(inner);
      if (!early) late.end('all');
      await finished(inner, { readable: false });
      expect(written()).toBe('all');
    }
  });

  it('says what the process says, to its end', async () => {
    const late = new LateStream();
    const { inner } = process();
    late.join(inner);
    inner.push('one ');
    inner.push('two');
    inner.push(null);
    expect(await read(late)).toBe('one two');
  });

  it('ends too where the process’s stream is closed without an end', async () => {
    const late = new LateStream();
    const { inner } = process();
    late.join(inner);
    inner.destroy();
    expect(await read(late)).toBe('');
  });

  it('can still be written to when the process has said all', async () => {
    const late = new LateStream();
    const { inner, written } = process();
    late.join(inner);
    inner.push(null);
    await once(late.resume(), 'end');
    late.write('more');
    await turn();
    expect(written()).toBe('more');
  });

  it('holds the process up while nobody reads, and loses nothing', async () => {
    const late = new LateStream();
    const inner = new PassThrough();
    late.join(inner);
    const chunk = Buffer.alloc(16 * 1024, 'x');
    let sent = 0;
    while (sent < 200 && inner.write(chunk)) {
      sent++;
      await turn();
    }
    expect(sent).toBeLessThan(20);
    inner.end();
    expect((await read(late)).length).toBe((sent + 1) * chunk.length);
  });

  it('takes no more than it can hold while there is no process', () => {
    const late = new LateStream();
    expect(late.write(Buffer.alloc(1024 * 1024))).toBe(false);
  });

  it('throws away what is written to a process that takes nothing any more', async () => {
    const late = new LateStream();
    const { inner } = process();
    late.join(inner);
    inner.end();
    await finished(inner, { readable: false });
    const taken = await new Promise((resolve) => late.write('lost', resolve));
    expect(taken ?? undefined).toBeUndefined();
  });

  it('fails as the process’s stream fails', async () => {
    const late = new LateStream();
    const { inner } = process();
    late.join(inner);
    const failed = finished(late);
    inner.destroy(new Error('broken'));
    await expect(failed).rejects.toThrow('broken');
  });

  it('closes the process’s stream when the client goes, before or after', async () => {
    for (const early of [true, false]) {
      const late = new LateStream();
      const { inner } = process();
      if (!early) late.join(inner);
      late.destroy();
      await turn();
      if (early) late.join(inner);
      await turn();
      expect(inner.destroyed).toBe(true);
    }
  });

  it('says that the client has detached', async () => {
    const late = new LateStream();
    const { inner } = process();
    late.join(inner);
    const told = new Promise((resolve) => late.once('detached', () => resolve('told')));
    inner.emit('detached');
    expect(await told).toBe('told');
  });
});
