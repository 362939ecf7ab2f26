/** An earlier release and this one in one cluster: either founds it, either joins later, and each host is upgraded under its containers. */
import { beforeAll, describe, expect, test } from 'vitest';
import { soon } from './commands.ts';
import { judge, unreached } from './hosts/judge.ts';
import { hasCommit, openRelease } from './hosts/release.ts';
import { type Host, stores, World } from './hosts/world.ts';

/** The first release with overlay networks as their records are now. To be replaced when records change. */
const earlier = 'b91565e059d0fb28b720332dafbea39256224642';
const why = stores.etcd ? hasCommit(earlier) || 'its commit is not in this checkout' : 'etcd is not there';

describe.skipIf(why !== true)(`two releases in one cluster${why === true ? '' : `: ${why}`}`, () => {
  const { program } = openRelease(earlier);
  const world = new World(3, { store: 'etcd', flags: [] });
  const [founder, second, late] = world.hosts as readonly [Host, Host, Host];
  const here = founder.engine.program;
  let started = 0;

  const run = ({ engine }: Host, network: string): Promise<string> =>
    engine.docker('run', '-d', '--name', `c${++started}`, '--network', network, 'busybox', 'sleep', '10000');
  const make = ({ engine }: Host, name: string): Promise<string> =>
    engine.docker('network', 'create', '-d', 'overlay', name);
  const knows = ({ engine }: Host, name: string): Promise<boolean> =>
    soon(async () => (await engine.tryDocker(['network', 'inspect', name])).status === 0, 20_000);

  /** All hosts that run know the same, as it is, and all containers reach each other. */
  async function agree(hosts: readonly Host[]): Promise<void> {
    let wrong: readonly string[] = [];
    const seen = Object.create(world, { hosts: { value: hosts } }) as World;
    await soon(async () => {
      wrong = await judge(seen);
      return wrong.length === 0;
    }, 30_000);
    expect(wrong).toEqual([]);
    expect(await unreached(seen)).toEqual([]);
  }

  async function upgrade({ engine }: Host): Promise<void> {
    const pids = async (): Promise<string> =>
      engine.docker('inspect', '-f', '{{.State.Pid}}', ...(await engine.docker('ps', '-q')).split(/\s+/));
    const before = await pids();
    await engine.stop();
    engine.program = here;
    await engine.start();
    expect(await pids()).toBe(before);
  }

  beforeAll(() => world.store.start());

  test('the earlier one founds it, this one joins, and the founder is upgraded', async () => {
    founder.engine.program = program;
    await founder.engine.start();
    await make(founder, 'old');
    await run(founder, 'old');
    await second.engine.start();
    expect(await knows(second, 'old')).toBe(true);
    await run(second, 'old');
    await make(second, 'new');
    expect(await knows(founder, 'new')).toBe(true);
    await run(founder, 'new');
    await run(second, 'new');
    await agree([founder, second]);
    await upgrade(founder);
    await agree([founder, second]);
  });

  test('the earlier one joins a cluster of this one, and is upgraded', async () => {
    late.engine.program = program;
    await late.engine.start();
    for (const name of ['old', 'new']) {
      expect(await knows(late, name)).toBe(true);
      await run(late, name);
    }
    await make(late, 'later');
    expect(await knows(second, 'later')).toBe(true);
    await run(second, 'later');
    await run(late, 'later');
    await agree(world.hosts);
    await second.engine.docker('rm', '-f', 'c2');
    await agree(world.hosts);
    await upgrade(late);
    await agree(world.hosts);
  });

  test('everything is removed by whichever host', async () => {
    for (const { engine } of world.hosts) await engine.removeContainers();
    for (const name of ['old', 'new', 'later'])
      expect(
        await soon(async () => (await late.engine.tryDocker(['network', 'rm', name])).status === 0, 20_000),
      ).toBe(true);
    await agree(world.hosts);
  });
});
