/**
 * Very many networks from one pool. `SEAWAY_TEST_NETWORKS=10000` for as many as that (it takes a quarter of an
 * hour, most of it the kernel's).
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { soon } from './commands.ts';
import { openTestEngine } from './engine.ts';
import { difference, snapshot } from './snapshot.ts';

const count = Number(process.env.SEAWAY_TEST_NETWORKS ?? 250);
const patience = 60_000 + count * 200;

const engine = openTestEngine({ flags: ['--default-address-pool', 'base=10.64.0.0/10,size=24'] });

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
}

async function ask<T>(method: string, path: string, json?: unknown): Promise<T> {
  const answer = await engine.api(method, path, { json });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.message}`);
  return answer.json as T;
}

const create = (name: string): Promise<unknown> => ask('POST', '/networks/create', { Name: name });
const subnetOf = ({ IPAM }: Inspected): string => IPAM.Config[0]?.Subnet ?? '';
const all = async (): Promise<readonly Inspected[]> =>
  (await ask<readonly Inspected[]>('GET', '/networks')).filter(({ Name }) => Name.startsWith('many'));

/** Links, addresses and rules. */
const network = (): readonly string[] =>
  snapshot(engine).filter((line) => /^(link|address|ip6?tables-save) /.test(line));

/** Some at a time, as a crowd of clients would. */
async function createAll(): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await create(`many${next++}`);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

describe(`${count} networks`, () => {
  let before: readonly string[] = [];
  let made: readonly Inspected[] = [];

  beforeAll(async () => {
    engine.rig.run('host', 'ip', 'route', 'add', '10.64.7.0/25', 'via', '198.51.100.1');
    await create('first');
    await ask('DELETE', '/networks/first');
    before = network();
    await createAll();
    made = await all();
  }, patience);

  test('have a subnet each, one after the other, and none of those that the host routes elsewhere', () => {
    const third = (subnet: string): number => {
      const [, b = '', c = ''] = subnet.split('.');
      return (Number(b) - 64) * 256 + Number(c);
    };
    const numbers = made.map((one) => third(subnetOf(one))).toSorted((a, b) => a - b);
    const first = numbers[0] ?? 0;
    const expected = Array.from({ length: count + 8 }, (_, i) => first + i).filter((number) => number !== 7);
    expect(numbers).toEqual(expected.slice(0, count));
  });

  test('have a bridge each, with its address, and its rules once', () => {
    const links = made.map(({ Id }) => `br-${Id.slice(0, 12)}`).toSorted();
    const shown = engine.rig.run('host', 'ip', '-4', '-o', 'addr').matchAll(/^\d+: (\S+) +inet ([^/]+)/gm);
    const addresses = new Map(Array.from(shown, ([, link = '', address = '']) => [link, address] as const));
    expect([...addresses.keys()].filter((name) => `${name}`.startsWith('br-')).toSorted()).toEqual(links);
    for (const one of made)
      expect(addresses.get(`br-${one.Id.slice(0, 12)}`)).toBe(subnetOf(one).replace(/0\/24$/, '1'));
    const into = engine.rig.run('host', 'iptables', '-S', 'DOCKER-BRIDGE').matchAll(/-o (br-\S+) -j DOCKER/g);
    expect(Array.from(into, ([, link]) => link).toSorted()).toEqual(links);
  });

  test('a route that comes up is heeded by the very next network', async () => {
    await create('probe');
    const probe = await ask<Inspected>('GET', '/networks/probe');
    await ask('DELETE', '/networks/probe');
    engine.rig.run('host', 'ip', 'route', 'add', subnetOf(probe), 'via', '198.51.100.1');
    await create('other');
    expect(subnetOf(await ask<Inspected>('GET', '/networks/other'))).not.toBe(subnetOf(probe));
    engine.rig.run('host', 'ip', 'route', 'del', subnetOf(probe));
    await ask('DELETE', '/networks/other');
  });

  test('what somebody flushes comes back, and a container on one of them reaches its gateway', async () => {
    engine.rig.run('host', 'iptables', '-F', 'DOCKER-BRIDGE');
    const middle = made[count >> 1] ?? expect.fail('no network');
    const gateway = subnetOf(middle).replace(/0\/24$/, '1');
    const args = ['run', '--rm', '--network', middle.Name, 'busybox', 'ping', '-c1', '-W5', gateway];
    expect(await engine.seaway(...args)).toContain(' 0% packet loss');
    const ruleCount = (): number =>
      engine.rig.run('host', 'iptables', '-S', 'DOCKER-BRIDGE').match(/-j DOCKER/g)?.length ?? 0;
    if (!(await soon(() => ruleCount() >= count, 20_000))) expect(ruleCount(), engine.log()).toBe(count);
  });

  test(
    'are the same after a restart, and leave nothing when they are pruned',
    async () => {
      const there = network();
      await engine.restart();
      expect(difference(there, network())).toEqual([]);
      // of very many, longer than the client waits for an answer
      await ask('POST', '/networks/prune').catch(() => undefined);
      await soon(async () => (await all()).length === 0, patience);
      expect(await all()).toEqual([]);
      // the rules of the last ones go a moment after the records
      await soon(() => difference(before, network()).length === 0, 20_000);
      expect(difference(before, network()), engine.log()).toEqual([]);
    },
    patience,
  );
});

describe('300 networks, each of which asks for any subnet of a size', () => {
  const subnetsOf = async (): Promise<readonly string[]> => {
    const { json } = await engine.api('GET', '/networks?filters={"label":["any"]}');
    return (json as { IPAM: { Config: { Subnet: string }[] } }[]).map(
      ({ IPAM }) => IPAM.Config[0]?.Subnet ?? '',
    );
  };

  test('are made side by side, each on its own subnet', async () => {
    const made = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        engine.api('POST', '/networks/create', {
          json: { Name: `any${i}`, Labels: { any: '' }, IPAM: { Config: [{ Subnet: '0.0.0.0/24' }] } },
        }),
      ),
    );
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(await subnetsOf()).size).toBe(300);
    expect(engine.rig.ip('host', 'link', 'show', 'type', 'bridge').length).toBeGreaterThan(300);
    await engine.seaway('network', 'prune', '-f', '--filter', 'label=any');
    expect(await subnetsOf()).toEqual([]);
  });
});
