/**
 * What users of Docker's swarm mode complained of, staged on two hosts with the command line of our own. The table in docs/swarm.md
 * names the tests of the others. SEAWAY_COMPLAINTS=all adds those that take long.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { etcdProgram } from '../kernel/kv/etcd-server.ts';
import { titleOf } from '../kernel/kv/server.ts';
import { connectHosts } from './cable.ts';
import { openTestEngine, type TestEngine } from './engine.ts';

const here = '192.0.2.1';
const there = '192.0.2.2';
/** A second address of the other host, which data is to take. */
const dataPath = '192.0.2.12';
const inTime = { timeout: 60_000 };
const isLong = process.env.SEAWAY_COMPLAINTS === 'all';
const web = ['busybox', 'httpd', '-f', '-h', '/etc'];
/** Tasks that end at once and are replaced without waiting. */
const quick = [
  '--stop-grace-period',
  '1s',
  '--update-monitor',
  '200ms',
  '--update-parallelism',
  '4',
  '--no-resolve-image',
  '-q',
  '-d',
];

describe.skipIf(!etcdProgram)(titleOf('complaints about swarm mode', etcdProgram), () => {
  const a = openTestEngine({ idle: true });
  const b = openTestEngine({ idle: true });
  for (const engine of [a, b]) engine.patience = 60_000;
  for (const { env } of [a, b]) env.PATH = `${dirname(etcdProgram ?? '')}:${env.PATH ?? process.env.PATH}`;
  const ids = { a: '', b: '' };

  const create = (name: string, ...args: readonly string[]): Promise<string> =>
    a.seaway('service', 'create', '--name', name, ...quick, ...args);
  const runs = (service: string, count: string): Promise<void> =>
    vi.waitFor(async () => {
      const filter = ['--filter', `name=${service}`, '--format', '{{.Name}} {{.Replicas}}'];
      expect((await a.docker('service', 'ls', ...filter)).split('\n')).toContain(`${service} ${count}`);
    }, inTime);
  /** Addresses of the tasks that are to run, on that network. */
  const addressesOf = async (service: string, network: string): Promise<readonly string[]> => {
    const filters = JSON.stringify({ service: [service], 'desired-state': ['running'] });
    const { json } = await a.api('GET', `/tasks?filters=${encodeURIComponent(filters)}`);
    const tasks = json as readonly {
      NetworksAttachments: readonly { Network: { Spec: { Name: string } }; Addresses: readonly string[] }[];
    }[];
    return tasks
      .flatMap(({ NetworksAttachments: all }) => all.filter(({ Network }) => Network.Spec.Name === network))
      .flatMap(({ Addresses }) => Addresses.map((each) => each.split('/')[0] ?? ''))
      .sort();
  };
  const vipOf = (service: string): Promise<string> =>
    a.docker('service', 'inspect', '-f', '{{range .Endpoint.VirtualIPs}}{{.Addr}} {{end}}', service);
  const updated = (service: string): Promise<void> =>
    vi.waitFor(async () => {
      const format = ['-f', '{{.UpdateStatus.State}}'];
      expect(await a.docker('service', 'inspect', ...format, service)).toBe('completed');
    }, inTime);
  /** What `cli` on that host gets from a web server. */
  const page = async (engine: TestEngine, host: string): Promise<string> => {
    const ask = ['exec', 'cli', 'timeout', '2', 'wget', '-qO-', `http://${host}/hostname`];
    return (await engine.tryDocker(ask)).stdout.trim();
  };
  const lookUp = async (engine: TestEngine, name: string): Promise<readonly string[]> => {
    const { stdout } = await engine.tryDocker(['exec', 'cli', 'nslookup', '-type=a', name]);
    return [...stdout.matchAll(/^Address:?\s+(10\.\d+\.\d+\.\d+)$/gm)].map(([, each = '']) => each).sort();
  };
  /** Addresses of hosts that frames are sent to, in the namespaces of networks on that host. */
  const peersOn = (engine: TestEngine): readonly string[] => {
    const folder = join(engine.folder, 'run/netns');
    const spaces = readdirSync(folder).filter((name) => name.startsWith('net-'));
    return spaces.flatMap((space) => {
      const said = engine.rig.run(join(folder, space), 'bridge', 'fdb', 'show');
      return [...said.matchAll(/^(\S+) .* dst (\S+)/gm)].map(([, mac, peer]) => `${mac} ${peer}`);
    });
  };

  beforeAll(async () => {
    connectHosts([
      [a, here],
      [b, there],
    ]);
    b.rig.run('host', 'ip', 'address', 'add', `${dataPath}/24`, 'dev', 'far0');
    await Promise.all([a.start(), b.start()]);
    await a.seaway('swarm', 'init', '--advertise-addr', here);
    const token = (await a.seaway('swarm', 'join-token', '-q', 'worker')).trim();
    const join = ['--advertise-addr', there, '--data-path-addr', dataPath, '--token', token];
    await b.seaway('swarm', 'join', ...join, `${here}:2377`);
    ids.a = await a.docker('info', '-f', '{{.Swarm.NodeID}}');
    ids.b = await b.docker('info', '-f', '{{.Swarm.NodeID}}');
    await a.docker('network', 'create', '-d', 'overlay', '--attachable', '--subnet', '10.11.0.0/24', 'back');
    await a.docker('network', 'create', '-d', 'overlay', '--attachable', '--subnet', '10.12.0.0/29', 'small');
    await create(
      'web',
      '--replicas',
      '2',
      '--replicas-max-per-node',
      '1',
      '--network',
      'back',
      '-p',
      '8080:80',
      ...web,
    );
    await runs('web', '2/2 (max 1 per node)');
    for (const engine of [a, b])
      await engine.docker('run', '-d', '--name', 'cli', '--network', 'back', 'busybox', 'sleep', '600');
  }, 120_000);

  afterAll(async () => {
    for (const engine of [b, a]) {
      await engine.tryDocker(['rm', '-f', 'cli']);
      await engine.tryDocker(['swarm', 'leave', '--force']);
      await engine.tryDocker(['network', 'rm', 'docker_gwbridge']);
    }
  }, 60_000);

  test('moby#53004: frames go from and to the address of --data-path-addr', async () => {
    await vi.waitFor(() => expect(peersOn(a)).not.toEqual([]), inTime);
    expect(new Set(peersOn(a).map((each) => each.split(' ')[1]))).toEqual(new Set([dataPath]));
    const folder = join(b.folder, 'run/netns');
    const space = readdirSync(folder).find((name) => name.startsWith('net-')) ?? '';
    expect(b.rig.run(join(folder, space), 'ip', '-d', 'link', 'show', 'vxlan0')).toContain(
      `local ${dataPath} `,
    );
    const answers = new Set<string>();
    await vi.waitFor(async () => {
      answers.add(await page(a, 'web'));
      answers.delete('');
      expect(answers.size).toBe(2);
    }, inTime);
  });

  test('moby#38833: ports that are published anew lead to all tasks', async () => {
    await a.seaway('service', 'update', '-q', '-d', '--publish-rm', '80', '--publish-add', '8081:80', 'web');
    await updated('web');
    for (const engine of [a, b]) {
      const answers = new Set<string>();
      await vi.waitFor(async () => {
        const said = await engine.page('host', `http://${here}:8081/hostname`);
        if (/^[0-9a-f]{12}$/.test(said)) answers.add(said);
        expect(answers.size).toBe(2);
      }, inTime);
    }
  });

  test('moby#30134, #29529, #30487: names lead to the tasks that are there, on each node alike', async () => {
    const check = async (): Promise<void> => {
      const [tasks, vip] = [await addressesOf('web', 'back'), (await vipOf('web')).split(' ')];
      const own = vip.map((each) => each.split('/')[0] ?? '').filter((each) => each.startsWith('10.11.'));
      for (const engine of [a, b]) {
        expect(await lookUp(engine, 'tasks.web')).toEqual(tasks);
        expect(await lookUp(engine, 'web')).toEqual(own);
      }
    };
    await vi.waitFor(check, inTime);
    await a.seaway('service', 'scale', '-d', 'web=1');
    await vi.waitFor(async () => {
      expect(await addressesOf('web', 'back')).toHaveLength(1);
      await check();
    }, inTime);
    await a.seaway('service', 'scale', '-d', 'web=2');
    await runs('web', '2/2 (max 1 per node)');
    await vi.waitFor(check, inTime);
  });

  test('moby#43052, #37338: a task that gets no address says of which network', async () => {
    await create('many', '--replicas', '9', '--network', 'small', ...web);
    const why = async (): Promise<string> =>
      a.seaway('service', 'ps', '--no-trunc', '--format', '{{.Name}} {{.CurrentState}} {{.Error}}', 'many');
    await vi.waitFor(async () => expect(await why()).toMatch(/Pending .*"[^"]*address[^"]*small/), inTime);
    await a.seaway('service', 'rm', 'many');
  });

  test.skipIf(!isLong)(
    'moby#52661, #35401: an address that passes to another node is reached there, and nothing of the old is kept',
    async () => {
      const redeploy = async (node: string): Promise<readonly string[]> => {
        await vi.waitFor(
          () =>
            create(
              'moving',
              '--replicas',
              '3',
              '--constraint',
              `node.id==${node}`,
              '--network',
              'small',
              ...web,
            ),
          inTime,
        );
        await runs('moving', '3/3');
        return addressesOf('moving', 'small');
      };
      // With the gateway, the client and the service's own address, three tasks need all that are left.
      await vi.waitFor(() => a.docker('network', 'connect', 'small', 'cli'), inTime);
      const all = new Set<string>();
      for (const node of [ids.b, ids.a, ids.b]) {
        const addresses = await redeploy(node);
        for (const each of addresses) {
          all.add(each);
          await vi.waitFor(async () => expect(await page(a, each)).toMatch(/^[0-9a-f]{12}$/), inTime);
        }
        await a.seaway('service', 'rm', 'moving');
        await vi.waitFor(
          async () => expect(await a.docker('ps', '-q', '-f', 'name=moving')).toBe(''),
          inTime,
        );
      }
      expect(all.size).toBeLessThan(6);
      await a.docker('network', 'disconnect', 'small', 'cli');
      // What is left leads to the web server, the client and nobody else.
      await vi.waitFor(() => expect(peersOn(a)).toHaveLength(2), inTime);
    },
  );

  test('moby#33402, #41668, #40590: a manager that starts again gives no address twice, and ports are served', async () => {
    const before = await vipOf('web');
    for (const engine of [a, b]) await engine.kill();
    await Promise.all([a.start(), b.start()]);
    await vi.waitFor(() => create('next', '--replicas', '3', '--network', 'back', ...web), inTime);
    await runs('next', '3/3');
    expect(await vipOf('web')).toBe(before);
    const vips = [before, await vipOf('next')]
      .flatMap((each) => each.split(' '))
      .filter((each) => each !== '');
    const own = vips.map((each) => each.split('/')[0] ?? '').filter((each) => each.startsWith('10.11.'));
    const tasks = [...(await addressesOf('web', 'back')), ...(await addressesOf('next', 'back'))];
    expect(new Set([...own, ...tasks]).size).toBe(own.length + tasks.length);
    for (const engine of [a, b])
      await vi.waitFor(
        async () =>
          expect(await engine.page('host', `http://${there}:8081/hostname`)).toMatch(/^[0-9a-f]{12}$/),
        inTime,
      );
  });

  test.skipIf(!isLong)('moby#38841: an update by start-first loses no request', async () => {
    // A hundred requests, one after the other; a line for each that failed, and one at the end.
    const loop =
      'i=0; while [ $i -lt 100 ]; do timeout 5 wget -qO /dev/null http://next/hostname || echo failed; i=$((i+1)); sleep 0.03; done; echo end';
    const asking = b.docker('exec', 'cli', 'sh', '-c', loop);
    await a.seaway('service', 'update', '-q', '-d', '--update-order', 'start-first', '--force', 'next');
    expect(await asking).toBe('end');
    await updated('next');
    await a.seaway('service', 'rm', 'next');
  });

  test.skipIf(!isLong)(
    'moby#47728: what has changed while a node was cut off is known to it afterwards',
    async () => {
      b.rig.run('host', 'ip', 'link', 'set', 'far0', 'down');
      await create(
        'late',
        '--replicas',
        '2',
        '--constraint',
        `node.id==${ids.a}`,
        '--network',
        'back',
        ...web,
      );
      await runs('late', '2/2');
      b.rig.run('host', 'ip', 'link', 'set', 'far0', 'up');
      await vi.waitFor(async () => {
        expect(await lookUp(b, 'tasks.late')).toEqual(await addressesOf('late', 'back'));
        expect(await page(b, 'late')).toMatch(/^[0-9a-f]{12}$/);
      }, inTime);
      await a.seaway('service', 'rm', 'late');
    },
    120_000,
  );
});
