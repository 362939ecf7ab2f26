import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import type { Container, ContainerState } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import { Attachments } from './attachments.ts';
import { createExits } from './exits.ts';

/** The attachments of an engine with one container, whose process writes into `process`. */
function engine(state: Partial<ContainerState> = {}, logs: readonly string[] = []) {
  const { model, container } = world();
  const put = (next: Container): Container => {
    model.apply([{ table: 'containers', put: next }]);
    return next;
  };
  let read = 0;
  const process = new PassThrough();
  const actions: string[] = [];
  const exits = createExits();
  const attachments = new Attachments({
    model,
    exits,
    events: { emit: ({ action }) => void actions.push(action) },
    runtime: {
      attach: async () => process,
      async *logs() {
        for (const line of logs) {
          read += 1;
          yield Buffer.from(line);
        }
      },
    },
  });
  const web = put(withState(container('web'), state));
  return { attachments, web, put, process, actions, exits, read: () => read };
}

const wanted = {
  ...{ stdin: true, stdout: true, stderr: true, detachKeys: new Uint8Array() },
  ...{ logs: false, stream: true },
};

const textOf = async (stream: AsyncIterable<unknown>): Promise<string> => {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
};

describe('a client that attaches', () => {
  it('before the start is joined at the start', async () => {
    const { attachments, web, process, actions } = engine();
    const stream = await attachments.attach(web, wanted);
    await attachments.join(web);
    process.end('hello');
    expect(await textOf(stream)).toBe('hello');
    expect(actions).toEqual(['attach']);
  });

  it('to a container that runs is joined at once, behind its logs where it wants them', async () => {
    const { attachments, web, put, process } = engine({ status: 'running' }, ['old ', 'lines ']);
    const stream = await attachments.attach(web, { ...wanted, logs: true });
    const text = textOf(stream);
    await vi.waitFor(() => expect(process.listenerCount('end')).toBeGreaterThan(0));
    put(withState(web, { status: 'exited' }));
    process.end('new');
    expect(await text).toBe('old lines new');
  });

  it('to a container that ends while its logs are read has the logs', async () => {
    const { attachments, web, put } = engine({ status: 'running' }, ['old ', 'lines']);
    const stream = await attachments.attach(web, { ...wanted, logs: true });
    put(withState(web, { status: 'exited' }));
    expect(await textOf(stream)).toBe('old lines');
  });

  it('gets logs as fast as it reads them, and leaves in the middle', async () => {
    const { attachments, web, read } = engine({ status: 'running' }, Array(1000).fill('x'.repeat(1024)));
    const stream = await attachments.attach(web, { ...wanted, logs: true });
    await new Promise(setImmediate);
    expect(read()).toBeLessThan(200);
    stream.once('readable', () => stream.read());
    await vi.waitFor(() => expect(read()).toBeGreaterThan(64));
    stream.destroy();
    await new Promise(setImmediate);
    expect(read()).toBeLessThan(1000);
  });

  it('for the logs alone gets an end', async () => {
    const { attachments, web } = engine({ status: 'exited' }, ['all']);
    expect(await textOf(await attachments.attach(web, { ...wanted, logs: true, stream: false }))).toBe('all');
  });

  it('sees the end of the stream once the exit is on record', async () => {
    const { attachments, web, put, process, exits } = engine({ status: 'running', pid: 7 });
    const stream = await attachments.attach(web, wanted);
    let ended = false;
    const text = textOf(stream).finally(() => {
      ended = true;
    });
    process.end();
    await new Promise(setImmediate);
    expect(ended).toBe(false);
    put(withState(web, { status: 'exited', pid: 0 }));
    exits.notifyExit(web.id, { exitCode: 0, error: '' });
    expect(await text).toBe('');
  });

  it('is let go where the start fails, and by itself', async () => {
    const { attachments, web, process } = engine();
    const stays = await attachments.attach(web, wanted);
    const leaves = await attachments.attach(web, wanted);
    leaves.destroy();
    await new Promise(setImmediate);
    attachments.fail(web.id);
    expect(stays.destroyed).toBe(true);
    const late = await attachments.attach(web, wanted);
    await attachments.join(web);
    process.end('x');
    expect(await textOf(late)).toBe('x');
  });

  it.each(['paused', 'restarting'] as const)('is refused by one that is %s', async (status) => {
    const { attachments, web, actions } = engine({ status });
    await expect(attachments.attach(web, wanted)).rejects.toThrow(`is ${status}`);
    expect(actions).toEqual([]);
  });
});

it('waits of one engine are not those of another', async () => {
  const { attachments, web } = engine();
  const other = engine();
  const stream = await attachments.attach(web, wanted);
  other.attachments.fail(web.id);
  expect(stream.destroyed).toBe(false);
  stream.destroy();
});
