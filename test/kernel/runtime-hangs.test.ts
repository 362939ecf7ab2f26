import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allStreams, Bench, execSpec } from './runtime-fixture.ts';

/** Milliseconds for a start: more than one takes on a busy machine. */
const limit = 4000;

let bench: Bench;
/** While it is there, the OCI runtime hangs in the verb that it names. */
let hanging = '';
/** Has the pid of the conmon that hangs. */
let hung = '';

beforeAll(async () => {
  bench = new Bench();
  hanging = join(bench.folder, 'hanging');
  hung = join(bench.folder, 'hung');
  const runc = join(bench.folder, 'slow-runc');
  const verb = 'for word; do case $word in create|start|exec|--version) verb=$word; break ;; esac; done';
  writeFileSync(
    runc,
    `#!/bin/sh\n${verb}\ngrep -qx "$verb" ${hanging} 2>/dev/null && exec sleep 1000\nexec runc "$@"\n`,
  );
  const conmon = join(bench.folder, 'slow-conmon');
  writeFileSync(
    conmon,
    `#!/bin/sh\ngrep -qx conmon ${hanging} 2>/dev/null && echo $$ >${hung} && exec sleep 1000\nexec conmon "$@"\n`,
  );
  for (const program of [runc, conmon]) chmodSync(program, 0o755);
  await bench.open({ runc, conmon, limits: { start: limit } });
});
afterAll(() => bench.close());

async function took(work: Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work;
  return performance.now() - begun;
}

it.each(['create', 'start'])(
  'a runtime that hangs in %s is given up, named, and leaves nothing',
  async (verb) => {
    const container = bench.sh('true');
    writeFileSync(hanging, `${verb}\n`);
    await expect(bench.run(container)).rejects.toThrow(/slow-runc has not (answered for|ended within) 4 s/);
    rmSync(hanging);
    await bench.runtime.remove(container.id);
    expect(bench.leftovers()).toEqual([]);
    expect(await bench.outcome(bench.sh('exit 4'))).toMatchObject({ code: 4 });
  },
);

it('versions are told soon, also where the runtime hangs', async () => {
  writeFileSync(hanging, '--version\n');
  const asked = Promise.withResolvers<unknown>();
  const time = await took(bench.runtime.versions().then(asked.resolve));
  rmSync(hanging);
  expect(await asked.promise).toEqual({ runc: '', conmon: expect.stringMatching(/^\d/) });
  expect(time).toBeLessThan(8000);
});

it('a conmon that hangs is killed, for a container and for an exec', async () => {
  const isThere = (): boolean => existsSync(`/proc/${readFileSync(hung, 'utf8').trim()}`);
  const container = bench.sh('sleep 1000');
  writeFileSync(hanging, 'conmon\n');
  await expect(bench.run(container)).rejects.toThrow('has not answered for 4 s');
  rmSync(hanging);
  await expect.poll(isThere).toBe(false);
  await bench.runtime.remove(container.id);
  await bench.run(container);
  writeFileSync(hanging, 'conmon\n');
  await expect(bench.runtime.exec(container, execSpec(['true']), undefined)).rejects.toThrow('not answered');
  rmSync(hanging);
  await expect.poll(isThere).toBe(false);
  expect(readdirSync(join(bench.root, 'execs'))).toEqual([]);
  await bench.runtime.remove(container.id);
  expect(bench.leftovers()).toEqual([]);
});

it('an exec whose files cannot be written leaves nothing', async () => {
  const container = bench.sh('sleep 1000');
  await bench.run(container);
  const spec = execSpec(['true']);
  // its process.json is in the way
  mkdirSync(join(bench.root, 'execs', spec.id, 'process.json'), { recursive: true });
  await expect(bench.runtime.exec(container, spec, undefined)).rejects.toThrow('EISDIR');
  expect(readdirSync(join(bench.root, 'execs'))).toEqual([]);
  await bench.runtime.remove(container.id);
  expect(bench.leftovers()).toEqual([]);
});

it('a start that hangs is ended by who asks for it', async () => {
  const container = bench.sh('true');
  writeFileSync(hanging, 'create\n');
  const refused = expect(bench.run(container)).rejects.toThrow('was ended by a request');
  await delay(300);
  expect(bench.runtime.abandonStart(container.id)).toBe(true);
  expect(await took(refused)).toBeLessThan(1000);
  expect(bench.runtime.abandonStart(container.id)).toBe(false);
  rmSync(hanging);
  expect(bench.leftovers()).toEqual([]);
});

it('an exec that hangs is given up, and its container goes on', async () => {
  const container = bench.sh('sleep 1000');
  await bench.run(container);
  writeFileSync(hanging, 'exec\n');
  const spec = {
    id: 'e1',
    args: ['true'],
    env: ['PATH=/bin'],
    cwd: '',
    user: '',
    tty: false,
    stdin: false,
    privileged: false,
  };
  await expect(bench.runtime.exec(container, spec, allStreams)).rejects.toThrow('has not answered');
  rmSync(hanging);
  const { exited } = await bench.runtime.exec(container, { ...spec, id: 'e2' }, undefined);
  expect(await exited).toBe(0);
  await bench.runtime.remove(container.id);
  expect(bench.leftovers()).toEqual([]);
});

it.each(['etc/passwd', 'etc/group'])('%s as a FIFO is refused, for a start and an exec', async (path) => {
  const file = join(bench.rootfs, path);
  const text = readFileSync(file);
  const container = bench.sh(`rm /${path}; mkfifo /${path}; sleep 1000`);
  await bench.run(container);
  await delay(300);
  const spec = {
    id: 'f1',
    args: ['true'],
    env: ['PATH=/bin'],
    cwd: '',
    user: '0',
    tty: false,
    stdin: false,
    privileged: false,
  };
  await expect(bench.runtime.exec(container, spec, undefined)).rejects.toThrow(
    `open /${path}: not a regular file`,
  );
  await bench.runtime.remove(container.id);
  await expect(bench.run(container)).rejects.toThrow(`open /${path}: not a regular file`);
  rmSync(file);
  writeFileSync(file, text);
  await bench.runtime.remove(container.id);
});

it.each([
  [9, 137],
  [15, 3],
])('with a stopped conmon, signal %i ends the container soon, with %i', async (signal, exitCode) => {
  const container = bench.sh('trap "exit 3" TERM; echo up; while :; do sleep 0.05; done');
  await bench.runUntil(container, /up/);
  process.kill(
    Number(readFileSync(join(bench.root, 'bundles', container.id, 'conmon.pid'), 'utf8')),
    'SIGSTOP',
  );
  const ended = bench.exit(container.id);
  await bench.runtime.kill(container.id, signal);
  expect(await took(ended)).toBeLessThan(3000);
  expect(await ended).toMatchObject({ exitCode });
  expect(await took(bench.runtime.remove(container.id))).toBeLessThan(2000);
  expect(bench.leftovers()).toEqual([]);
});
