import { expect, test } from 'vitest';
import { plainNetwork } from '../../test/model/networks.ts';
import { scopesOf } from '../affected/affected.ts';
import { driverTable } from '../drivers/table.ts';
import { fail } from '../errors.ts';
import { blankSandbox } from '../model/blank.ts';
import { Model } from '../model/memory.ts';
import type { Network } from '../model/network.ts';
import type { PortMapping } from '../model/sandbox.ts';
import type { Change } from '../model/tables.ts';
import { changesOf, type Decision, type Transition } from '../model/transition.ts';
import { createLogger } from '../observe/logger.ts';
import { type Choosing, change, follow, keep, planned } from './change.ts';
import type { Core } from './core.ts';
import { createHostPorts } from './host-ports.ts';

const network = (link: string): Network => ({
  ...{ ...plainNetwork, id: link.padEnd(64, '0'), name: link, created: '', driver: 'bridge', link },
  enableIPv4: true,
  ipam: {
    driver: 'default',
    options: {},
    pools: [{ subnet: '10.1.0.0/24', gateway: '10.1.0.1', auxAddresses: {} }],
  },
});

/** All of the engine that a change needs; what it does is noted. */
function engine({ failing = false, taken = [] as readonly number[], late = 0 } = {}) {
  const model = new Model(driverTable());
  const done: string[] = [];
  const open = new Set<number>();
  const hostPorts = createHostPorts({
    holdPort(_, address, port) {
      if (taken.includes(port)) throw fail('PORT_IN_USE', `${address}:${port}`);
      open.add(port);
      return () => void open.delete(port);
    },
    openHeld: () => undefined,
    holdRange: () => {
      throw new Error('no range is asked for');
    },
  });
  const run =
    (word: string) =>
    async <D extends Decision>(transition: Transition<D>, applied?: (decided: D) => void) => {
      const decided = transition(model);
      const changes = changesOf(decided);
      if (late-- > 0) return transact(transition);
      const inverse = model.apply(changes);
      done.push(`${word} ${changes.map(({ table }) => table).join(' ')}`);
      applied?.(decided);
      return { decided, takenBack: () => inverse, owed: [] };
    };
  const transact = run('commit');
  const converge = (word: string) => async (_id?: string, which?: { readonly sandboxes: boolean }) => {
    done.push(which?.sandboxes === false ? `${word} alone` : word);
    if (failing && !which) throw new Error('no');
    return 0;
  };
  const core = {
    model,
    hostPorts,
    relays: { follow: async () => undefined },
    firewalld: { follow: async (ids: Iterable<string>) => void done.push(...Array.from(ids, () => 'zone')) },
    records: { transact, keep: run('keep') },
    outbox: { work: async () => undefined },
    facts: () => ({ uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true }),
    reconciler: {
      convergeNetwork: converge('network'),
      convergeFirewall: converge('firewall'),
      convergeSandbox: converge('sandbox'),
      restoreNetwork: converge('restore network'),
      restoreSandbox: converge('restore sandbox'),
      restoreFirewall: converge('restore firewall'),
      restoreForwarding: converge('restore forwarding'),
    },
    retries: { has: () => false },
    networkFiles: { follow: async (files: ReadonlyMap<string, unknown>) => void done.push(...files.keys()) },
    sharing: {
      released: async (ids: Iterable<string>) => void done.push(...Array.from(ids, () => 'released')),
    },
    logger: createLogger('fatal'),
  } as unknown as Core;
  return { core, done, open };
}

const put = (link: string): readonly Change[] => [{ table: 'networks', put: network(link) }];

test('what cannot be planned is refused before anything is written', async () => {
  const { core, done } = engine();
  await expect(change(core, () => put('a+b'))).rejects.toThrow('link name');
  expect(done).toEqual([]);
});

test('records, then the kernel; both back if that fails', async () => {
  const good = engine();
  await change(good.core, () => put('br0'));
  expect(good.done).toEqual(['commit networks', 'network', 'firewall', 'zone']);
  const bad = engine({ failing: true });
  await expect(change(bad.core, () => put('br0'))).rejects.toThrow('no');
  expect(bad.done).toEqual(['commit networks', 'network', 'keep networks', 'network']);
  expect([...bad.core.model.all('networks')]).toEqual([]);
});

test('an effect beside the networks is done with the records, and again with those of before', async () => {
  const { core, done } = engine();
  let times = 0;
  const effect = async (): Promise<void> => {
    times++;
    if (times === 1) throw new Error('no');
  };
  await expect(change(core, () => put('br0'), effect)).rejects.toThrow('no');
  expect([times, done.filter((line) => line.startsWith('keep'))]).toEqual([2, ['keep networks']]);
});

test('a network whose endpoints have changed follows them, however the sandboxes fare', async () => {
  const scopes = scopesOf({ sandboxes: new Set(['a']), reached: new Set(['br0'.padEnd(64, '0'), 'gone']) });
  for (const failing of [false, true]) {
    const { core, done } = engine({ failing });
    core.model.apply(put('br0'));
    await follow(core, scopes).catch(() => undefined);
    expect(done).toEqual(['sandbox', 'network alone', ...(failing ? [] : ['released'])]);
  }
});

test('network files are written when all they tell of is there', async () => {
  const { core, done } = engine();
  const files = new Map([['web', { begins: true }]]);
  await follow(core, scopesOf({ sandboxes: new Set(['a']), files }));
  expect(done).toEqual(['sandbox', 'web', 'released']);
});

test('healing enters by the same door, and restores', async () => {
  const { core, done } = engine();
  const scopes = { networks: new Set(['n']), sandboxes: new Set(['s']), firewall: true, forwarding: true };
  await follow(core, scopesOf(scopes), 'restore');
  expect(done).toEqual([
    'restore network',
    'restore sandbox',
    'restore forwarding',
    'restore firewall',
    'zone',
    'released',
  ]);
});

/** A sandbox with the first port that is not occupied; each run draws another id, and begins that much higher. */
function publishing(
  asked: string,
  step = 0,
): Choosing<{ readonly id: string; readonly changes: readonly Change[] }> {
  let run = 0;
  return (_view, occupied) => {
    const id = `sandbox${run++}`;
    let hostPort = 80 + (run - 1) * step;
    while (occupied.has(`tcp/${hostPort}`)) hostPort++;
    const port: PortMapping = {
      ...{ protocol: 'tcp', hostIP: '0.0.0.0', hostPort, containerPort: 80, address: '10.1.0.2' },
      ...{ endpointId: 'e', asked: { hostIP: '', hostPort: asked } },
    };
    const put = {
      ...blankSandbox,
      resolver: false,
      id,
      path: `/run/${id}`,
      containerId: 'c',
      hostname: '',
      ports: [port],
    };
    return { id, changes: [{ table: 'sandboxes', put }] };
  };
}

test('a port that the host turns out to use is chosen again before the commit, unless it was asked for', async () => {
  const free = engine({ taken: [80, 81] });
  await change(free.core, publishing(''));
  expect([...free.open]).toEqual([82]);
  const asked = engine({ taken: [80, 81] });
  await expect(change(asked.core, publishing('80'))).rejects.toThrow('failed to bind host port');
  expect([asked.done, asked.open]).toEqual([[], new Set()]);
});

test('a transition that is run again holds the ports of its last run alone', async () => {
  const { core, open } = engine({ late: 1 });
  const { id } = await change(core, publishing('', 1));
  expect([id, [...open]]).toEqual(['sandbox1', [81]]);
  core.hostPorts.letGo(id);
  expect(open).toEqual(new Set());
});

test('ports are let go where the change does not come about', async () => {
  const { core, open } = engine({ failing: true });
  await expect(change(core, publishing(''))).rejects.toThrow('no');
  expect(open).toEqual(new Set());
  const full = engine();
  const transact: Core['records']['transact'] = async (transition) => {
    transition(full.core.model);
    throw fail('STORE_NOT_WRITTEN', 'state', 'full');
  };
  const core2 = { ...full.core, records: { ...full.core.records, transact } };
  await expect(change(core2, publishing(''))).rejects.toThrow('full');
  expect(full.open).toEqual(new Set());
});

test('what has happened frees its ports at once, and tells what is to be followed', async () => {
  const { core, open, done } = engine();
  const { id } = await change(core, publishing(''));
  const { scopes } = await keep(core, () => [{ table: 'sandboxes', remove: id }]);
  expect([open, [...scopes.sandboxes], [...scopes.ports]]).toEqual([new Set(), [id], [id]]);
  expect(done.at(-1)).toBe('keep sandboxes');
});

test('planning one more network costs the same beside many', () => {
  const { core } = engine();
  const time = (): number => {
    const start = performance.now();
    for (let round = 0; round < 50; round++) planned(core, put('br-x'));
    return performance.now() - start;
  };
  time();
  const few = time();
  core.model.apply(Array.from({ length: 2_000 }, (_, i) => put(`b${i}`)[0] ?? []).flat());
  expect(time()).toBeLessThan(few * 5 + 50);
});
