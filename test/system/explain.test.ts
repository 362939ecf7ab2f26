/**
 * `seaway explain`: faults (`explain/faults.ts`), each of which must be told by its cause, and healthy pairs, of which none may.
 * `seaway doctor`: differences (`explain/ailments.ts`) that it finds and cures.
 * CI tries a part of both; `SEAWAY_EXPLAIN=1` all, and holds each answer to two seconds.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { titleOf } from '../kernel/kv/server.ts';
import { openTestEngine } from './engine.ts';
import { ailments } from './explain/ailments.ts';
import { type Bench, benchOf, expectHealthy, tryAilment, tryFault, tryHealthy } from './explain/bench.ts';
import { faults } from './explain/faults.ts';
import { healthyHosts, hostFaults, surroundHosts } from './explain/host-faults.ts';
import { healthy, moreSurroundings, plainSurroundings } from './explain/surroundings.ts';
import { stores, World } from './hosts/world.ts';

const isWhole = Boolean(process.env.SEAWAY_EXPLAIN);

/** Faults that CI tries: one of each way by which a cause is found. */
const short = new Set([
  'no common network',
  'DOCKER-USER',
  'published on loopback only',
  'nobody listens',
  "the receiver's address is gone",
  "a VPN's route hides the subnet",
  'an address that two have',
  'a smaller MTU on the way',
  'a table of netdev',
  "another program's translation of a published port",
  'a rule for routes that prohibits a network',
]);

/** Differences that CI tries. */
const shortAilments = new Set([
  'a container without its address',
  'the way to the resolver',
  'a bridge that no record wants',
]);

describe('on a single host', { timeout: 60_000 }, () => {
  const engine = openTestEngine();
  let bench: Bench;

  beforeAll(async () => {
    bench = benchOf(engine);
    for (const command of [...plainSurroundings, ...(isWhole ? moreSurroundings : [])])
      await bench.docker(command);
  }, 120_000);

  for (const fault of faults.filter(({ name }) => isWhole || short.has(name)))
    test(`${fault.name}: ${fault.code}`, () => tryFault(bench, fault));

  for (const pair of isWhole ? healthy : healthy.slice(0, 3))
    test(`${pair[0]} reaches ${pair[1]}`, () => tryHealthy(bench, pair));

  test('the doctor finds nothing on a healthy host', () => expectHealthy(bench, 'healthy'));

  for (const ailment of ailments.filter(({ name }) => isWhole || shortAilments.has(name)))
    test(`the doctor cures: ${ailment.name}`, () => tryAilment(bench, ailment));

  test.skipIf(!isWhole)("the doctor finds another program's chain that drops what is forwarded", async () => {
    const chain = 'chain f { type filter hook forward priority 5; policy drop; }';
    await bench.host(`nft 'table inet closed { ${chain}; }'`);
    try {
      const { json } = await engine.api('GET', '/seaway/doctor');
      expect((json as { Findings: { Code: string }[] }).Findings.map(({ Code }) => Code)).toContain(
        'firewall-in-the-way',
      );
    } finally {
      await bench.host('nft delete table inet closed');
    }
  });

  test('the command tells the cause in its first line, and its status', async () => {
    const { status, stdout } = await engine.trySeaway(['explain', '-v', 'db', 'web:81']);
    expect(status).toBe(1);
    const [first, ...rest] = stdout.split('\n');
    expect(first).toBe('db does not reach web:81: nobody listens on port 81/tcp in web (it listens on 80).');
    expect(rest.join('\n')).toContain('● container web');
    expect(await engine.seaway('explain', 'db', 'web:80')).toBe('db reaches web:80.');
  });

  test('an end that is not there is refused by name', async () => {
    const { status, stderr } = await engine.trySeaway(['explain', 'nobody', 'web:80']);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is called "nobody"'),
    });
  });
});

describe.skipIf(!isWhole || !stores.etcd)(
  titleOf('on three hosts', stores.etcd),
  { timeout: 120_000 },
  () => {
    const ttl = ['--cluster-store-opt=discovery.heartbeat=2', '--cluster-store-opt=discovery.ttl=10'];
    const world = new World(3, { store: 'etcd', flags: ttl });
    let benches: readonly Bench[] = [];

    beforeAll(async () => {
      await world.store.start();
      await surroundHosts(world);
      benches = world.hosts.map(({ engine }) => benchOf(engine));
    }, 180_000);
    afterAll(async () => {
      for (const { engine } of world.hosts) await engine.removeContainers();
      await world.first.engine.tryDocker(['network', 'rm', 'wide']);
      for (const { engine } of world.hosts) await engine.stop();
      await world.store.kill();
    });

    for (const pair of healthyHosts)
      test(`${pair[0]} reaches ${pair[1]}`, () =>
        tryHealthy(benches[0] ?? benchOf(world.first.engine), pair));

    for (const { name, set, undo, ask, code } of hostFaults)
      test(`${name}: ${code}`, () =>
        tryFault(benches[0] ?? benchOf(world.first.engine), {
          ...{ name, ask, code },
          set: () => set(world, benches),
          undo: async () => undo?.(world, benches),
        }));
  },
);
