import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import { allLogs, allStreams, Bench, readAll, readUntil, unframe } from './runtime-fixture.ts';

const bench = new Bench();
const ask = { config: { OpenStdin: true } };
const survivor = bench.sh('echo up; read x; echo got $x; exit 12', ask);
const short = bench.sh('sleep 0.5; exit 21');
const unstarted = bench.sh('echo never');
let engine: ChildProcess;

const startOf = (container: Container) => ({
  container,
  image: {},
  rootfs: bench.rootfs,
  netns: '',
  files: { hosts: '', hostname: '', resolvConf: '' },
  env: ['PATH=/bin'],
  join: { pid: 0, ipc: 0, uts: 0 },
});

beforeAll(async () => {
  const job = {
    root: bench.root,
    dataRoot: join(bench.folder, 'data'),
    cgroupParent: bench.cgroupParent,
    starts: [survivor, short, unstarted].map((c) => ({ spec: startOf(c), start: c !== unstarted })),
  };
  const script = join(import.meta.dirname, 'runtime-engine.ts');
  engine = spawn(process.execPath, [script, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of engine.stdout ?? []) if (String(chunk).includes('started')) break;
});

afterAll(async () => {
  engine.kill('SIGKILL');
  await bench.close();
});

it('conmon has no descriptor of the engine, and its own session', () => {
  const pid = Number(readFileSync(join(bench.root, 'bundles', survivor.id, 'conmon.pid'), 'utf8'));
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  expect(
    links.filter(
      (link) => link.startsWith('/') && !link.startsWith(bench.folder) && !/^\/(dev\/null$|sys\/)/.test(link),
    ),
  ).toEqual([]);
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  expect(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3])).not.toBe(engine.pid);
});

it('containers survive an engine that is killed, and the next one finds them', async () => {
  engine.kill('SIGKILL');
  await once(engine, 'exit');
  await delay(800);
  writeFileSync(join(bench.root, 'exits', `${short.id}.AB12CD`), '2');
  const runtime = await bench.open();
  const found = await runtime.adopt();
  expect([...found.keys()]).toEqual([survivor.id]);
  expect(readdirSync(join(bench.root, 'exits'))).toEqual([short.id]);
  expect(runtime.exitOf(short.id)).toMatchObject({ exitCode: 21, oomKilled: false });
  expect(bench.exits).toEqual([]);
  expect(await runtime.pids(survivor.id)).toContain(found.get(survivor.id));
  const stream = await runtime.attach(survivor, allStreams);
  stream.write('answer\n');
  await readUntil(stream, /got answer/);
  expect(await bench.exit(survivor.id)).toMatchObject({ exitCode: 12 });
  expect(unframe(await readAll(runtime.logs(survivor, allLogs))).out).toBe('up\ngot answer\n');
  for (const { id } of [survivor, short, unstarted]) await runtime.remove(id);
  expect(bench.leftovers()).toEqual([]);
});

it('a container whose conmon is killed ends, and its end is told once', async () => {
  const container = bench.sh('sleep 1000');
  await bench.run(container);
  const conmon = Number(readFileSync(join(bench.root, 'bundles', container.id, 'conmon.pid'), 'utf8'));
  // as conmon leaves it where it is killed while it writes how the container ended
  writeFileSync(join(bench.root, 'exits', `${container.id}.AB12CD`), '');
  process.kill(conmon, 'SIGKILL');
  expect(await bench.exit(container.id)).toMatchObject({ exitCode: 137 });
  await expect.poll(() => readdirSync(join(bench.root, 'exits'))).toEqual([container.id]);
  await bench.runtime.remove(container.id);
  expect(bench.leftovers()).toEqual([]);
});

describe('a container that runs is found again by its processes', () => {
  const container = bench.sh('trap "exit 33" TERM; echo up; while :; do sleep 0.1; done', ask);
  const file = (...names: readonly string[]): string => join(bench.root, ...names);
  const state = file('bundles', container.id, 'state.json');
  let pid = 0;

  beforeAll(async () => {
    pid = await bench.run(container);
  });

  const ruin: Readonly<Record<string, () => void>> = {
    'its record is empty': () => truncateSync(state),
    'its record is cut off': () => truncateSync(state, 20),
    'its record is JSON of another form': () =>
      writeFileSync(state, JSON.stringify({ id: container.id, process: {}, cgroup: '', log: {} })),
    'its record names a process that is not there': () => {
      const record = JSON.parse(readFileSync(state, 'utf8'));
      const gone = { pid: 2 ** 22 - 1, startTime: '1' };
      writeFileSync(state, JSON.stringify({ ...record, process: gone, monitor: gone }));
    },
    'its record and all pid files are gone': () => {
      for (const name of ['state.json', 'pidfile', 'conmon.pid']) rmSync(file('bundles', container.id, name));
    },
    'what the OCI runtime has noted is damaged too': () => {
      rmSync(state);
      writeFileSync(file('runc', container.id, 'state.json'), '{');
    },
  };

  it.each(Object.entries(ruin))('where %s', async (_name, damage) => {
    await bench.runtime.close();
    damage();
    const runtime = await bench.open();
    expect([...(await runtime.adopt([container]))]).toEqual([[container.id, pid]]);
    expect(await runtime.pids(container.id)).toContain(pid);
    // the record is there again
    expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ process: { pid }, log: { kept: true } });
  });

  it('and its end is told as it was', async () => {
    await bench.runtime.kill(container.id, 15);
    expect(await bench.exit(container.id)).toMatchObject({ exitCode: 33 });
    expect(unframe(await readAll(bench.runtime.logs(container, allLogs))).out).toBe('up\n');
    await bench.runtime.remove(container.id);
    expect(bench.leftovers()).toEqual([]);
  });
});
