/**
 * Memory of a manager: `SEAWAY_SWARM_CROWD=1000` makes so many services of 9 tasks, on 25 nodes that only say that they run them. Some
 * minutes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { etcdProgram } from '../kernel/kv/etcd-server.ts';
import { openTestEngine, projectFolder } from './engine.ts';

const services = Number(process.env.SEAWAY_SWARM_CROWD ?? 0);
const [perService, nodes, networks, atOnce] = [9, 25, 20, 8];
const here = '198.51.100.2';
const limit = 3_600_000;

/** As stacks of users are: labels, environment, a health check, and one in ten with a port. */
const specOf = (i: number, ForceUpdate: number) => ({
  Name: `service${i}`,
  Labels: { 'com.docker.stack.namespace': `stack${i % 40}` },
  TaskTemplate: {
    ContainerSpec: {
      Image: `registry.example.com/team/app:1.2.3@sha256:${'ab'.repeat(32)}`,
      Env: ['DATABASE_URL=postgres://db.example.com/app', 'LOG_LEVEL=info', 'REGION=eu-central-1'],
      Healthcheck: { Test: ['CMD', 'wget', '-qO-', 'http://127.0.0.1/'], Interval: 1e10 },
    },
    Networks: [{ Target: `net${i % networks}`, Aliases: [`app${i}`] }],
    ForceUpdate,
  },
  Mode: { Replicated: { Replicas: perService } },
  UpdateConfig: { Parallelism: 0, Monitor: 1e9 },
  ...(i % 10 === 0 && {
    EndpointSpec: { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 10_000 + i }] },
  }),
});

describe.skipIf(services === 0 || !etcdProgram)('a manager of many services', { timeout: limit }, () => {
  const engine = openTestEngine({ idle: true });
  let crowd: ChildProcess | undefined;
  let watching: NodeJS.Timeout | undefined;
  const peaks = { engine: 0, etcd: 0, both: 0 };

  /** MiB of memory that are its share. */
  const memoryOf = (file: string): number => {
    const text = readFileSync(join(engine.folder, file), 'utf8');
    const pid = text.startsWith('{') ? JSON.parse(text).pid : Number(text);
    const [, kibibytes = '0'] =
      /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return Math.round(Number(kibibytes) / 1024);
  };
  const measure = () => {
    const [own, etcd] = [memoryOf('pid'), memoryOf('run/swarm/etcd.pid')];
    peaks.engine = Math.max(peaks.engine, own);
    peaks.etcd = Math.max(peaks.etcd, etcd);
    peaks.both = Math.max(peaks.both, own + etcd);
    return { engine: own, etcd, both: own + etcd };
  };
  const rest = async (what: string): Promise<number> => {
    await sleep(15_000);
    const now = measure();
    console.log(`${what}: ${JSON.stringify(now)} MiB at rest, at most ${JSON.stringify(peaks)}`);
    for (const key of ['engine', 'etcd', 'both'] as const) peaks[key] = 0;
    return now.both;
  };
  /** Calls for each service, some at once. */
  const forAll = async (call: (i: number) => Promise<unknown>): Promise<void> => {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < services) await call(next++);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  };
  const settle = async (): Promise<void> => {
    for (;;) {
      const { json } = await engine.api('GET', '/services?status=true');
      const all = json as readonly {
        ServiceStatus: { RunningTasks: number };
        UpdateStatus?: { State: string };
      }[];
      const running = all.reduce((sum, one) => sum + one.ServiceStatus.RunningTasks, 0);
      const isUnderWay = all.some((one) => one.UpdateStatus?.State === 'updating');
      if (running === services * perService && !isUnderWay) return;
      await sleep(1_000);
    }
  };

  beforeAll(async () => {
    engine.env.PATH = `${dirname(etcdProgram ?? '')}:${engine.env.PATH ?? process.env.PATH}`;
    await engine.start();
    await engine.docker('swarm', 'init', '--advertise-addr', here);
    const self = await engine.docker('info', '-f', '{{.Swarm.NodeID}}');
    await engine.docker('node', 'update', '--availability', 'drain', self);
    const token = await engine.docker('swarm', 'join-token', '-q', 'worker');
    const script = join(projectFolder, 'test/system/swarm-crowd.ts');
    const command = [process.execPath, script, `${here}:2377`, token, String(nodes)];
    crowd = spawn('nsenter', [`--net=${engine.rig.host}`, ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (crowd.stdout) await once(crowd.stdout, 'data');
    for (let i = 0; i < networks; i++)
      await engine.docker(
        'network',
        'create',
        '-d',
        'overlay',
        '--subnet',
        `10.${100 + i}.0.0/16`,
        `net${i}`,
      );
    watching = setInterval(measure, 500);
  }, limit);
  afterAll(async () => {
    clearInterval(watching);
    crowd?.kill('SIGKILL');
    await engine.tryDocker(['swarm', 'leave', '--force']);
    await engine.tryDocker(['network', 'rm', 'docker_gwbridge']);
  });

  test('needs less than 400 MiB with etcd', async () => {
    await forAll((i) => engine.api('POST', '/services/create', { json: specOf(i, 0) }));
    await settle();
    expect(await rest('created')).toBeLessThan(400);
  });

  test('and so it does with as many ended tasks on record', async () => {
    await forAll(async (i) => {
      for (;;) {
        const { json } = await engine.api('GET', `/services/service${i}`);
        const { Index } = (json as { Version: { Index: number } }).Version;
        const path = `/services/service${i}/update?version=${Index}`;
        // the leader may have changed it meanwhile
        if ((await engine.api('POST', path, { json: specOf(i, 1) })).status === 200) return;
      }
    });
    await settle();
    expect(await rest('updated')).toBeLessThan(400);
  });
});
