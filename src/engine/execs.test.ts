import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { countingGenerators, world } from '../../test/model/fixture.ts';
import { withState } from '../model/containers.ts';
import type { AttachOptions, ExecSpec } from '../runtime/runtime.ts';
import type { ExecRequest } from './exec-verbs.ts';
import { Execs } from './execs.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** An engine with one container that runs; `exit` ends what was started in it last. */
function engine() {
  const { model, container } = world();
  const web = withState(container('web'), { status: 'running', pid: 7 });
  model.apply([{ table: 'containers', put: web }]);
  const asked: { spec: ExecSpec; attach: AttachOptions | undefined }[] = [];
  const actions: string[] = [];
  let exit: (code: number) => void = () => undefined;
  let failure: Error | undefined;
  const execs = new Execs({
    model,
    generate: countingGenerators(),
    events: { emit: ({ action }) => void actions.push(action) },
    logger: { error: () => undefined },
    runtime: {
      checkUser: async () => undefined,
      resizeExec: async () => undefined,
      async exec(_container, spec, attach) {
        asked.push({ spec, attach });
        if (failure) throw failure;
        const exited = new Promise<number>((resolve) => {
          exit = resolve;
        });
        return { pid: 99, exited, ...(attach && { stream: new PassThrough() }) };
      },
    },
  });
  const settled = () => new Promise(setImmediate);
  return {
    ...{ execs, model, web, asked, actions },
    exit(code: number) {
      exit(code);
      return settled();
    },
    failWith(error: Error) {
      failure = error;
    },
  };
}

const request: ExecRequest = {
  ...{ args: ['sh', '-c', 'true'], env: ['A=1'], cwd: '', user: '', privileged: false },
  ...{ tty: false, stdin: true, stdout: true, stderr: true, detachKeys: new Uint8Array() },
};
const attached = { detach: false, tty: false };

describe('a further process', () => {
  it('is made, runs once, and its end is known', async () => {
    const { execs, actions, exit, asked, web } = engine();
    const id = await execs.create('web', request);
    expect(execs.get(id)).toMatchObject({ containerId: web.id, running: false, exitCode: undefined, pid: 0 });
    expect(await execs.start(id, attached)).toBeInstanceOf(PassThrough);
    expect(execs.get(id)).toMatchObject({ running: true, pid: 99 });
    await expect(execs.start(id, attached)).rejects.toThrow('has already run');
    await exit(3);
    expect(execs.get(id)).toMatchObject({ running: false, exitCode: 3, pid: 99 });
    expect(actions).toEqual(['exec_create: sh -c true', 'exec_start: sh -c true', 'exec_die']);
    expect(asked[0]?.spec.env).toContain('A=1');
  });

  it('has no streams where it is detached', async () => {
    const { execs, asked } = engine();
    const id = await execs.create('web', request);
    expect(await execs.start(id, { detach: true, tty: false })).toBeUndefined();
    expect(asked).toMatchObject([{ spec: { stdin: false }, attach: undefined }]);
  });

  it('writes only its standard output to a raw stream without a terminal', async () => {
    const { execs, asked } = engine();
    for (const [tty, raw] of [
      [false, false],
      [false, true],
      [true, true],
    ] as const)
      await execs.start(await execs.create('web', { ...request, tty }), { detach: false, tty: raw });
    expect(asked.map(({ attach }) => [attach?.framed, attach?.stderr])).toEqual([
      [true, true],
      [false, false],
      [false, true],
    ]);
  });

  it('has the terminal size of the start, else that of its request', async () => {
    const { execs, asked } = engine();
    const size = { rows: 10, columns: 20 };
    await execs.start(await execs.create('web', { ...request, size }), attached);
    const other = { rows: 30, columns: 40 };
    await execs.start(await execs.create('web', { ...request, size }), { ...attached, size: other });
    expect(asked.map(({ spec }) => spec.size)).toEqual([size, other]);
  });

  it.each([
    ['exec: "nothing": executable file not found in $PATH', 127],
    ['something else', 128],
  ])('that cannot be started (%s) has ended with %i', async (message, code) => {
    const { execs, failWith } = engine();
    const id = await execs.create('web', request);
    failWith(new Error(message));
    await expect(execs.start(id, attached)).rejects.toThrow(message);
    expect(execs.get(id)).toMatchObject({ running: false, exitCode: code });
  });

  it.each([
    ['paused', 'is paused, unpause the container before exec'],
    ['restarting', 'is restarting, wait until the container is running'],
    ['exited', 'is not running'],
  ] as const)('is refused in a container that is %s', async (status, words) => {
    const { execs, model, web } = engine();
    const id = await execs.create('web', request);
    model.apply([{ table: 'containers', put: withState(web, { status }) }]);
    await expect(execs.create('web', request)).rejects.toThrow(words);
    expect(() => execs.refuseStart(id)).toThrow(words);
  });

  it('that has ended is first of all in a container that does not run', async () => {
    const { execs, model, web, exit } = engine();
    const id = await execs.create('web', request);
    await execs.start(id, attached);
    await exit(0);
    expect(() => execs.refuseStart(id)).toThrow('has already run');
    model.apply([{ table: 'containers', put: withState(web, { status: 'exited' }) }]);
    expect(() => execs.refuseStart(id)).toThrow('is not running');
    await expect(execs.resize(id, { rows: 1, columns: 1 })).rejects.toThrow('is not running');
  });

  it('without a command is refused', async () => {
    await expect(engine().execs.create('web', { ...request, args: [] })).rejects.toThrow('No exec command');
  });
});

describe('what is known of further processes', () => {
  it('is listed by container until they have ended', async () => {
    const { execs, web, exit } = engine();
    const id = await execs.create('web', request);
    expect(execs.idsOf(web.id)).toEqual([id]);
    expect(execs.idsOf('another')).toEqual([]);
    await execs.start(id, attached);
    await exit(0);
    expect(execs.idsOf(web.id)).toEqual([]);
  });

  it('goes with the container; at its end what was not started', async () => {
    const { execs, web } = engine();
    const [started, waits] = [await execs.create('web', request), await execs.create('web', request)];
    await execs.start(started, attached);
    execs.forgetUnstarted(web.id);
    expect(() => execs.get(waits)).toThrow(waits);
    expect(execs.get(started).running).toBe(true);
    execs.forget('another');
    execs.forget(web.id);
    expect(() => execs.get(started)).toThrow(started);
  });

  it('is forgotten five minutes after the end', async () => {
    const { execs, exit } = engine();
    const clock = vi.spyOn(performance, 'now');
    clock.mockReturnValue(1000);
    const id = await execs.create('web', request);
    await execs.start(id, attached);
    await exit(0);
    clock.mockReturnValue(1000 + 5 * 60_000);
    await execs.create('web', request);
    expect(execs.get(id).exitCode).toBe(0);
    clock.mockReturnValue(1001 + 5 * 60_000);
    await execs.create('web', request);
    expect(() => execs.get(id)).toThrow(id);
  });
});
