/** The engine is killed in the middle of its work and started again: nothing of the work may lie around. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { canBeDead, mountDead } from '../kernel/dead-mount.ts';
import { run, soon } from './commands.ts';
import { openWork, type Work } from './crash-work.ts';
import { openTestEngine } from './engine.ts';
import { difference, snapshot } from './snapshot.ts';

const engine = openTestEngine();
/** Kills in the middle of work and of start-up; more by an environment variable. */
const points = Number(process.env.SEAWAY_CRASH_POINTS ?? 6);
/** Others than those of the last run by another number. */
const seed = Number(process.env.SEAWAY_CRASH_SEED ?? 0);
/** Milliseconds into the work; in every second round also into the start-up that follows. */
const rounds = Array.from(
  { length: Math.ceil((points * 2) / 3) },
  (_, index): [number, number | 'none', string] => {
    const share = (0.618034 * (index + seed)) % 1;
    const work = Math.round(share * 2000);
    const line = `ok: round ${index} of seed ${seed}`;
    return index % 2 === 0 ? [work, 'none', line] : [work, Math.round(((share * 7) % 1) * 900), line];
  },
);
/** A file that gets a line for each round that held. A run that was interrupted goes on after them. */
const report = process.env.SEAWAY_CRASH_REPORT;
const held = new Set(
  report !== undefined && existsSync(report) ? readFileSync(report, 'utf8').split('\n') : [],
);
const pids = new Map<string, number>();
let steady: readonly string[] = [];
let work: Work;

interface State {
  readonly Pid: number;
  readonly Status: string;
  readonly ExitCode: number;
}

const stateOf = async (name: string): Promise<State> => {
  const { json } = await engine.api('GET', `/containers/${name}/json`);
  return (json as { readonly State: State }).State;
};

async function ask(method: string, path: string, json?: unknown): Promise<unknown> {
  const answer = await engine.api(method, path, { json });
  expect(answer.status, `${method} ${path}: ${answer.message}`).toBeLessThan(300);
  return answer.json;
}

beforeAll(async () => {
  // long runs share the machine with others
  engine.patience = 60_000;
  await engine.seaway('network', 'create', 'steady');
  const web = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'];
  await engine.seaway('run', '-d', '--name', 'web', '--network', 'steady', '-p', '8080:80', ...web);
  await engine.seaway('run', '-d', '--name', 'asker', '--network', 'steady', 'busybox', 'sleep', '1000000');
  for (const name of ['web', 'asker']) pids.set(name, (await stateOf(name)).Pid);
  work = await openWork(engine);
  steady = snapshot(engine);
});

/** What one round leaves or ends is that round's fault alone. */
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  process.stderr.write(`${task.name}:\n${engine.log(100)}\n`);
  if (!engine.isRunning) await engine.start();
  await work.tidy();
  steady = snapshot(engine);
  for (const name of pids.keys()) pids.set(name, (await stateOf(name)).Pid);
});

/** Ports and names work; the engine is not asked. */
async function expectService(): Promise<void> {
  expect(await engine.page('outside', 'http://198.51.100.2:8080/hostname')).toMatch(/^[0-9a-f]{12}$/);
  expect(await engine.page('host', 'http://127.0.0.1:8080/hostname')).toMatch(/^[0-9a-f]{12}$/);
  const inside = ['nsenter', '-t', String(pids.get('asker')), '-m', '-n'];
  const { stdout } = await run([...inside, 'busybox', 'nslookup', '-type=a', 'web'], {
    env: { PATH: '/bin' },
  });
  expect(stdout).toMatch(/^Name:\s+web\nAddress: 172/m);
}

/** A container on a new network does its work. */
async function expectWorking(): Promise<void> {
  await ask('POST', '/networks/create', { Name: 'after' });
  const Cmd = ['nslookup', '-type=a', 'c-after'];
  const HostConfig = { NetworkMode: 'after' };
  await ask('POST', '/containers/create?name=c-after', { Image: 'busybox', Cmd, HostConfig });
  await ask('POST', '/containers/c-after/start');
  expect(await ask('POST', '/containers/c-after/wait')).toEqual({ StatusCode: 0 });
  await ask('DELETE', '/containers/c-after');
  await ask('DELETE', '/networks/after');
}

/** What passes by (a program that the engine runs) is not looked at twice. */
async function expectSteady(): Promise<void> {
  let now: readonly string[] = [];
  await soon(() => {
    now = difference(steady, snapshot(engine));
    return now.length === 0;
  }, 3000);
  expect(now, engine.log()).toEqual([]);
  for (const [name, pid] of pids) expect((await stateOf(name)).Pid).toBe(pid);
}

describe('an engine that is killed', () => {
  const left = rounds.filter(([, , line]) => !held.has(line));
  test.each(left)('after %i ms of work and %s of start-up starts again', async (time, early, line) => {
    const working = work.run();
    await delay(time);
    await engine.kill();
    await expectService();
    expect(await working).toEqual([]);
    if (early !== 'none') {
      await engine.launch();
      await delay(early);
      await engine.kill();
    }
    await engine.start();
    await expectService();
    expect(await work.tidy()).toEqual([]);
    await expectWorking();
    await expectSteady();
    if (report !== undefined) appendFileSync(report, `${line}\n`);
  });

  test('in the middle of its end by SIGTERM starts again', async () => {
    const working = work.run();
    await delay(300);
    const ended = engine.signal('SIGTERM');
    await delay(20);
    await engine.kill();
    await ended;
    await working;
    await engine.start();
    expect(await work.tidy()).toEqual([]);
    await expectSteady();
  });

  test('learns at its next start what ended meanwhile, and does what follows from it', async () => {
    const create = (name: string, HostConfig: unknown, Cmd: readonly string[]): Promise<unknown> =>
      ask('POST', `/containers/create?name=${name}`, { Image: 'busybox', Cmd, HostConfig });
    await create('ends', {}, ['sh', '-c', 'sleep 0.7; exit 3']);
    await create('goes', { AutoRemove: true }, ['sleep', '0.7']);
    await create('returns', { RestartPolicy: { Name: 'always' } }, ['sh', '-c', 'sleep 0.7; sleep 1000']);
    for (const name of ['ends', 'goes', 'returns']) await ask('POST', `/containers/${name}/start`);
    const first = (await stateOf('returns')).Pid;
    await engine.kill();
    await delay(1000);
    process.kill(first, 'SIGKILL');
    await engine.start();
    expect(await stateOf('ends')).toMatchObject({ Status: 'exited', ExitCode: 3, Pid: 0 });
    expect((await engine.api('GET', '/containers/goes/json')).status).toBe(404);
    expect(await soon(async () => (await stateOf('returns')).Status === 'running')).toBe(true);
    expect((await stateOf('returns')).Pid).not.toBe(first);
    await ask('DELETE', '/containers/returns?force=1');
    await ask('DELETE', '/containers/ends');
    await expectSteady();
  });

  test('in its check of the kernel leaves nothing that the next one does not remove', async () => {
    // no process has a number above the kernel's limit of 4194304
    const path = join(engine.folder, 'tmp/seaway-check-4999999');
    writeFileSync(path, '');
    execFileSync('mount', ['--bind', '/proc/self/ns/net', path]);
    writeFileSync(join(engine.folder, 'tmp/seaway-check-4999998'), '');
    await engine.restart();
    expect(readdirSync(join(engine.folder, 'tmp')).filter((name) => name.startsWith('seaway-'))).toEqual([]);
    await expectSteady();
  });

  test('leaves an exec running, whose end the next one cleans up after', async () => {
    const Cmd = ['sleep', '1.5'];
    const { Id } = (await ask('POST', '/containers/asker/exec', { Cmd })) as { readonly Id: string };
    await ask('POST', `/exec/${Id}/start`, { Detach: true });
    await engine.kill();
    await engine.start();
    await delay(1500);
    await expectSteady();
  });
});

test('an engine that ends by SIGTERM in the middle of work ends in order', async () => {
  const working = work.run();
  await delay(400);
  await engine.stop();
  await working;
  expect(engine.log(200)).not.toMatch(/a bug in seaway|after it was closed/);
  await expectService();
  await engine.start();
  expect(await work.tidy()).toEqual([]);
  await expectSteady();
});

test('what is under way at SIGTERM is answered, and who waits for an end is cut', async () => {
  const Cmd = ['sh', '-c', 'trap "sleep 1; exit 5" TERM; while :; do sleep 0.05; done'];
  await ask('POST', '/containers/create?name=slow', { Image: 'busybox', Cmd });
  await ask('POST', '/containers/slow/start');
  await delay(200);
  const stopped = engine.api('POST', '/containers/slow/stop');
  const waited = engine.api('POST', '/containers/web/wait').then(
    () => 'answered',
    () => 'cut',
  );
  await delay(200);
  await engine.stop();
  expect((await stopped).status).toBe(204);
  expect(await waited).toBe('cut');
  await engine.start();
  expect(await stateOf('slow')).toMatchObject({ Status: 'exited', ExitCode: 5 });
  await ask('DELETE', '/containers/slow');
  await expectSteady();
});

test.runIf(canBeDead)('an engine ends at once where a look-up of a path hangs', async () => {
  const dead = join(engine.folder, 'tmp/dead');
  const revive = mountDead(dead);
  try {
    const HostConfig = { Mounts: [{ Type: 'bind', Source: join(dead, 'x'), Target: '/x' }] };
    const path = '/containers/create?name=stuck';
    const asked = engine.api('POST', path, { json: { Image: 'busybox', HostConfig } });
    expect(await Promise.race([asked, delay(500, 'it waits')])).toBe('it waits');
    const begun = performance.now();
    await engine.stop();
    expect(performance.now() - begun).toBeLessThan(5000);
    expect((await asked).message).toMatch(/its file system does not answer/);
  } finally {
    revive();
  }
  await engine.start();
  await expectSteady();
});

test('a resolver that is killed is started again, and names resolve', async () => {
  const resolver = steady.find((line) => line.endsWith(' seaway-resolver'));
  process.kill(Number(resolver?.split(' ')[1]), 'SIGKILL');
  expect(
    await soon(() => snapshot(engine).some((line) => line !== resolver && line.endsWith(' seaway-resolver'))),
  ).toBe(true);
  await expect.poll(() => expectService().then(() => true), { timeout: 5000 }).toBe(true);
});
