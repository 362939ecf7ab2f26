/**
 * Three hosts that all manage, under a steady load of requests through the routing mesh and a virtual address: what is done to the
 * service and to the hosts costs no request but those to what died. SEAWAY_SWARM_LOAD=all runs it; SEAWAY_SWARM_LOAD_REPORT names a file
 * for the counts by phase, with the cause of each failure.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { etcdProgram } from '../kernel/kv/etcd-server.ts';
import { openTestEngine, type TestEngine } from './engine.ts';
import { Asked, type Failure } from './swarm-load/asked.ts';
import { powerOff, Switch } from './switch.ts';

const isAsked = process.env.SEAWAY_SWARM_LOAD === 'all' && etcdProgram !== undefined;
const { SEAWAY_SWARM_LOAD_REPORT: reportFile, SEAWAY_SWARM_LOAD_FLAGS: flags = '' } = process.env;
const inTime = { timeout: 120_000, interval: 250 };
const addressOf = (at: number): string => `192.0.2.1${at}`;

/** A server that answers what it has, and ends after a second. */
const server = 'trap "sleep 1; exit 0" TERM; httpd -f -h /etc & wait';
const serving = [
  ...['--health-cmd', 'wget -qO /dev/null http://127.0.0.1/hostname', '--health-interval', '1s'],
  ...['--health-start-period', '20s', '--health-start-interval', '200ms', '--stop-grace-period', '5s'],
  ...['--update-monitor', '1s', '--rollback-monitor', '1s', '--update-delay', '1s', '--no-resolve-image'],
];

describe.skipIf(!isAsked)('a swarm under load', () => {
  const engines = [1, 2, 3].map((at) =>
    openTestEngine({ idle: true, hostname: `node${at}`, flags: flags.split(' ').filter(Boolean) }),
  );
  for (const engine of engines) {
    engine.patience = 120_000;
    engine.env.PATH = `${dirname(etcdProgram ?? '')}:${engine.env.PATH ?? process.env.PATH}`;
  }
  const host = (at: number): TestEngine => {
    const engine = engines[at - 1];
    if (!engine) throw new Error(`there is no host ${at}`);
    return engine;
  };
  const [a, c] = [host(1), host(3)];
  const cables = new Switch(a);
  const clients = a.rig.path('clients');
  const clientSpaces = new Map<number, string>();
  const nodeIds = new Map<number, string>();
  const asked = new Asked(a.rig, () => [
    ...engines.map((engine, index) => [`node${index + 1}`, engine.rig.host] as const),
    ...[...clientSpaces].map(([at, path]) => [`client on node${at}`, path] as const),
  ]);

  const plug = (at: number): void =>
    cables.plug(host(at).rig.host, { cable: `p${at}`, address: addressOf(at) });
  /** As many tasks run, those on nodes that are down aside. */
  const runs = async (count: number): Promise<void> =>
    vi.waitFor(async () => {
      const filters = encodeURIComponent(JSON.stringify({ service: ['web'], 'desired-state': ['running'] }));
      const { json } = await a.api('GET', `/tasks?filters=${filters}`);
      const tasks = json as readonly { readonly Status: { readonly State: string } }[];
      expect(tasks.map(({ Status }) => Status.State)).toEqual(Array(count).fill('running'));
    }, inTime);
  const updateIs = async (state: string): Promise<void> =>
    vi.waitFor(
      async () =>
        expect(await a.docker('service', 'inspect', '-f', '{{.UpdateStatus.State}}', 'web')).toBe(state),
      inTime,
    );
  const nodesAre = async (wanted: RegExp, from = a): Promise<void> =>
    vi.waitFor(
      async () =>
        expect(
          (
            await from.docker('node', 'ls', '--format', '{{.Hostname}} {{.Status}} {{.ManagerStatus}}')
          ).replaceAll('\n', ','),
        ).toMatch(wanted),
      inTime,
    );
  const allReady = /node1 Ready \w+,node2 Ready \w+,node3 Ready \w+/;
  const addressOfNode = (place: string): string => place.split(':')[0] ?? '';

  beforeAll(async () => {
    cables.build();
    for (const at of [1, 2, 3]) plug(at);
    spawnSync('ip', ['netns', 'add', clients.split('/').at(-1) ?? '']);
    cables.plug(clients, { cable: 'clients', address: '192.0.2.9' });
    for (const engine of engines) await engine.start();
    await a.docker('swarm', 'init', '--advertise-addr', addressOf(1));
    const token = await a.docker('swarm', 'join-token', '-q', 'manager');
    for (const at of [2, 3])
      await host(at).docker(
        'swarm',
        'join',
        '--advertise-addr',
        addressOf(at),
        '--token',
        token,
        `${addressOf(1)}:2377`,
      );
    for (const at of [1, 2, 3]) nodeIds.set(at, await host(at).docker('info', '-f', '{{.Swarm.NodeID}}'));
    await nodesAre(allReady);
    await a.docker('network', 'create', '-d', 'overlay', '--attachable', 'back');
    const more = ['--replicas', '3', '--network', 'back', '-p', '8080:80', 'busybox', 'sh', '-c', server];
    await a.docker('service', 'create', '-q', '-d', '--name', 'web', ...serving, ...more);
    await runs(3);
    const vips = await a.docker(
      'service',
      'inspect',
      '-f',
      '{{range .Endpoint.VirtualIPs}}{{.Addr}} {{end}}',
      'web',
    );
    const back = await a.docker('network', 'inspect', '-f', '{{(index .IPAM.Config 0).Subnet}}', 'back');
    const vip = vips.split(' ').find((each) => each.startsWith(back.split('.').slice(0, 3).join('.')));
    for (const at of [1, 2, 3]) {
      await host(at).docker('run', '-d', '--name', 'cli', '--network', 'back', 'busybox', 'sleep', '100000');
      clientSpaces.set(at, `/proc/${await host(at).docker('inspect', '-f', '{{.State.Pid}}', 'cli')}/ns/net`);
    }
    asked.phase('nothing happens');
    for (const at of [1, 2, 3]) {
      await asked.begin(`mesh ${at}`, clients, [`${addressOf(at)}:8080`]);
      await asked.begin(`VIP on ${at}`, clientSpaces.get(at) ?? '', [`${vip?.split('/')[0]}:80`]);
    }
    await sleep(5000);
  }, 300_000);

  afterAll(async () => {
    asked.endAll();
    if (reportFile) writeFileSync(reportFile, asked.report());
    for (const engine of engines.toReversed()) {
      await engine.tryDocker(['rm', '-f', 'cli']);
      await engine.tryDocker(['swarm', 'leave', '--force']);
      await engine.tryDocker(['network', 'rm', 'docker_gwbridge']);
    }
  }, 180_000);

  /** `lost`: a host that dies; what was asked of it, from it and of its tasks fails until that is seen. */
  const phase = async (name: string, work: () => Promise<unknown>, lost?: number): Promise<void> => {
    const tasks = lost === undefined ? [] : await addressesOn(lost);
    asked.phase(name, (failure) => lost !== undefined && isAt(failure, lost));
    await work();
    await sleep(6000);
    await asked.settled();
    if (reportFile) writeFileSync(reportFile, asked.report());
    const { failures = [], asked: count = 0 } = asked.phases.at(-1) ?? {};
    expect(count).toBeGreaterThan(0);
    const unexpected = failures.filter((each) => lost === undefined || !isOf(each, lost, tasks));
    expect(unexpected, asked.report()).toEqual([]);
  };
  /** Of the tasks on that host. */
  const addressesOn = async (at: number): Promise<readonly string[]> => {
    const filters = encodeURIComponent(
      JSON.stringify({ node: [nodeIds.get(at)], 'desired-state': ['running'] }),
    );
    const { json } = await host(at === 1 ? 2 : 1).api('GET', `/tasks?filters=${filters}`);
    const tasks = json as readonly {
      readonly NetworksAttachments?: readonly { readonly Addresses: readonly string[] }[];
    }[];
    return tasks
      .flatMap(({ NetworksAttachments: all = [] }) => all.flatMap(({ Addresses }) => Addresses))
      .map((each) => each.split('/')[0] ?? '');
  };
  /** The first packets of a host's death are answered by its kernel. */
  const dying = 1000;
  const isAt = ({ place, asker }: Failure, lost: number): boolean =>
    addressOfNode(place) === addressOf(lost) || asker === `VIP on ${lost}`;
  const isOf = (failure: Failure, lost: number, tasks: readonly string[]): boolean =>
    isAt(failure, lost) ||
    failure.after < dying ||
    failure.flows.some((flow) =>
      [`169.254.16.${lost}`, ...tasks].some((each) => flow.includes(`src=${each} `)),
    );

  test('nothing happens', () => phase('still nothing', () => sleep(1000)), 60_000);
  test(
    'a rolling update, one after the other',
    () =>
      phase('update', async () => {
        await a.docker('service', 'update', '-q', '-d', '--env-add', 'X=1', 'web');
        await updateIs('completed');
      }),
    200_000,
  );
  test(
    'a forced update by start-first',
    () =>
      phase('start-first', async () => {
        await a.docker('service', 'update', '-q', '-d', '--force', '--update-order', 'start-first', 'web');
        await updateIs('completed');
      }),
    200_000,
  );
  test(
    'a rollback',
    () =>
      phase('rollback', async () => {
        await a.docker('service', 'rollback', '-q', '-d', 'web');
        await updateIs('rollback_completed');
      }),
    200_000,
  );
  test(
    'up and down',
    () =>
      phase('scale', async () => {
        for (const count of [6, 2, 4, 3]) {
          await a.docker('service', 'scale', '-d', `web=${count}`);
          await runs(count);
        }
      }),
    300_000,
  );
  test(
    'a node is drained, and active again',
    () =>
      phase('drain', async () => {
        await a.docker('node', 'update', '--availability', 'drain', nodeIds.get(2) ?? '');
        await sleep(3000);
        await runs(3);
        await a.docker('node', 'update', '--availability', 'active', nodeIds.get(2) ?? '');
        // so that each node has one again
        await a.docker('service', 'update', '-q', '-d', '--force', 'web');
        await updateIs('completed');
      }),
    300_000,
  );
  test(
    'the engine and the store of the manager that leads are killed, and come back',
    () =>
      phase('manager killed', async () => {
        const { pid } = JSON.parse(readFileSync(join(a.folder, 'run/swarm/etcd.pid'), 'utf8')) as {
          pid: number;
        };
        process.kill(pid, 'SIGKILL');
        await a.kill();
        await nodesAre(/Leader/, c);
        await sleep(10_000);
        await a.start();
        await nodesAre(allReady, c);
      }),
    300_000,
  );
  test(
    'a host is cut off for 30 s',
    () =>
      phase(
        'partition',
        async () => {
          cables.set('p2', 'down');
          await sleep(30_000);
          cables.set('p2', 'up');
          await nodesAre(allReady);
          asked.note('ready');
          await runs(3);
        },
        2,
      ),
    300_000,
  );
  test(
    'a node dies and comes back',
    () =>
      phase(
        'node killed',
        async () => {
          asked.end('VIP on 3');
          clientSpaces.delete(3);
          powerOff(c);
          cables.unplug('p3');
          c.rig.rebuild();
          await nodesAre(/node3 Down/);
          asked.note('seen down');
          await runs(3);
          asked.note('replaced');
          plug(3);
          await c.start();
          asked.note('started');
          await nodesAre(allReady);
          asked.note('ready');
        },
        3,
      ),
    300_000,
  );
  test('nothing fails afterwards', () => phase('afterwards', () => sleep(3000)), 60_000);
});
