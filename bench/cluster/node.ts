/**
 * One host of `bench/cluster-nodes.ts`: all that an engine has of records. Cluster client, model, LMDB and the plans of its
 * networks are the engine's own; there is no kernel. It is told what to do by messages of its parent.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster } from '../../src/cluster/cluster.ts';
import { root } from '../../src/cluster/keys.ts';
import { driverTable } from '../../src/drivers/table.ts';
import { createRecords } from '../../src/engine/records.ts';
import { openKv } from '../../src/kv/open.ts';
import { parseSource } from '../../src/kv/source.ts';
import { blankEndpointSpec, blankNetwork } from '../../src/model/blank.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { Model } from '../../src/model/memory.ts';
import type { Network } from '../../src/model/network.ts';
import { parseAccepted } from '../../src/model/network-options.ts';
import { peerOf } from '../../src/model/shared.ts';
import type { Change } from '../../src/model/tables.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { planNetworkScope } from '../../src/reconcile/plan.ts';
import { openStore } from '../../src/store/store.ts';
import {
  type Agreed,
  type Cost,
  dataAddress,
  digest,
  hexId,
  numberOf,
  type Order,
  type Wanted,
} from './plan.ts';

const facts = { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true };

function networkOf(index: number): Network {
  const subnet = (host: string): string => `10.${64 + (index >> 8)}.${index & 255}.${host}`;
  return {
    ...{ ...blankNetwork, id: hexId(`net${index}`), name: `net${index}`, driver: 'overlay', scope: 'global' },
    created: '2026-01-01T00:00:00.000000000Z',
    ipam: {
      ...{ driver: 'default', options: null },
      pools: [{ subnet: subnet('0/24'), gateway: subnet('1'), auxAddresses: {} }],
    },
    parsed: parseAccepted(driverTable().find('overlay'), {}),
    overlay: { vnis: [256 + index], mtu: 1450, encrypted: false },
  };
}

const model = new Model(driverTable());
const folder = mkdtempSync('/tmp/seaway-bench-node-');
const store = openStore(join(folder, 'store'));
const turns = monitorEventLoopDelay({ resolution: 1 });
let cluster: Cluster | undefined;
const records = createRecords(model, store, {
  retries: { failed: () => {}, succeeded: () => {} },
  shared: () => {
    if (!cluster) throw new Error('not begun');
    return cluster;
  },
});
const here = { id: '' };
let longestAt = 0;
/** Processor time when an order began. */
let used = process.cpuUsage();
/** Times that something had to be tried again. */
let again = 0;

async function begin({ url, number }: { readonly url: string; readonly number: number }): Promise<number> {
  here.id = hexId(`node${number}`);
  const place = {
    name: `node${number}`,
    advertise: `${dataAddress(number)}:2376`,
    data4: dataAddress(number),
  };
  cluster = new Cluster({
    ...{ url, ttl: 120_000, view: model, logger: createLogger('error') },
    kv: await openKv(parseSource(url), { folder: root }),
    node: { id: here.id, ...place, instance: String(number), mtu: 1500 },
    retries: {
      attempt: (_, task) => attempt(task),
      waits: () => {},
      succeeded: () => {},
    },
    now: () => new Date().toISOString(),
    arrive: (changes) => records.arrive(changes),
    taken: async (endpoints) => console.error(`node ${number}: ${endpoints.length} endpoints are taken`),
  });
  await cluster.introduce();
  turns.enable();
  turns.reset();
  const began = performance.now();
  await cluster.begin(120_000);
  return performance.now() - began;
}

/** As the engine's own, without its back-off. */
async function attempt(task: () => unknown): Promise<boolean> {
  try {
    await task();
    return true;
  } catch {
    setTimeout(() => void attempt(task), 1_000).unref();
    return false;
  }
}

async function makeNetworks(count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await records.transact(() => [{ table: 'networks', put: networkOf(index) }]);
}

/** An endpoint with the first free address of its network. */
async function joinOne(index: number, { network, round }: { network: number; round: number }): Promise<void> {
  const networkId = hexId(`net${network}`);
  await records.transact((view) => {
    const address = view.leases.firstFree(networkId, 4);
    if (!address) throw new Error('no address is free');
    const name = `task-${index}-${round}`;
    const put: Endpoint = {
      ...{ id: randomBytes(32).toString('hex'), networkId, sandboxId: hexId(`s${name}`), name },
      ...{ containerId: hexId(name), ifname: 'eth0', hostLink: '', order: 0 },
      mac: `02:${randomBytes(5).toString('hex').match(/../g)?.join(':')}`,
      ...{ addresses: [address], dnsNames: [name, `service-${index % 500}`], spec: blankEndpointSpec('net') },
    };
    return { changes: [{ table: 'endpoints', put }] };
  });
}

/** There is no kernel to follow. */
async function leave(id: string): Promise<void> {
  const sandbox = model.get('endpoints', id)?.sandboxId ?? '';
  await records.keep((): readonly Change[] => [{ table: 'endpoints', remove: id }]);
  cluster?.follows(sandbox)();
  await cluster?.released(new Set([sandbox]));
}

/** As a user would try again what another host was first to, or what the store did not answer in time. */
async function patiently(task: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      await task();
      return;
    } catch (error) {
      again += 1;
      if (attempt === 20) throw error;
      await delay(200 * attempt * Math.random());
    }
}

/** All endpoints of this host go, one by one, and as many others come. Eight at once. With `more` none goes. */
async function replace({
  count,
  networks,
  round,
  more,
}: Order & { readonly order: 'replace' }): Promise<void> {
  const old = more ? [] : [...model.all('endpoints')].map(({ id }) => id);
  const first = more ? [...model.all('endpoints')].length : 0;
  const number = numberOf(here.id);
  const one = async (index: number): Promise<void> => {
    const gone = old[index];
    if (gone !== undefined) await leave(gone);
    // a host has endpoints on about a third of the networks
    const network = (number * 8 + (index % Math.ceil(networks / 3))) % networks;
    await patiently(() => joinOne(number * 10_000 + index, { network, round }));
  };
  const lane = async (from: number): Promise<void> => {
    for (let index = from; index < first + count; index += 8) await one(index);
  };
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((each) => lane(first + each)));
}

const memberLine = ({ id, networkId, nodeId, mac, addresses, name }: ReturnType<typeof peerOf>): string =>
  [id, networkId, nodeId, mac, addresses.join(), name].join(' ');

function state(): Omit<Wanted, 'revision'> {
  const peers = [...model.all('peers')].map(memberLine);
  const own = [...model.all('endpoints')].map((one) => memberLine(peerOf(one, here.id)));
  const names = store.names();
  names.refresh();
  const found = [...model.all('peers'), ...model.all('endpoints')].flatMap(({ networkId, name, id }) =>
    names.lookup(networkId, name).map((entry) => `${id} ${entry.endpointId} ${entry.ipv4}`),
  );
  return { members: digest([...peers, ...own]), planned: digest(plannedLines()), names: digest(found) };
}

/** Digests are taken once the records are those of the revision: twenty-five hosts would spend most of their time on digests. */
async function until(wanted: Wanted): Promise<Agreed> {
  const { members, planned, names, revision } = wanted;
  for (const began = performance.now(); performance.now() - began < 120_000; await delay(5)) {
    if (known() < revision) continue;
    const agreed = { at: Date.now(), processor: processor() };
    const now = state();
    if (members === now.members && planned === now.planned && names === now.names) return agreed;
    await delay(10);
  }
  throw new Error(`not as wanted: ${JSON.stringify([state(), wanted])}`);
}

/** The revision of the store that the records are of. */
const known = (): number => model.get('cluster', 'state')?.revision ?? 0;

/** Seconds of processor time since it was last asked for. */
function processor(): number {
  const { user, system } = process.cpuUsage(used);
  return (user + system) / 1e6;
}

function cost(): Cost {
  const longest = Math.round(longestAt / 1e6);
  global.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const count = [...model.all('peers'), ...model.all('endpoints')].length;
  return { count, again, longest, heap: Math.round((heapUsed + external) / 1e6), rss: Math.round(rss / 1e6) };
}

/** FDB entries and neighbours of the networks that this host is on. */
const plannedLines = (): readonly string[] =>
  [...model.all('networks')].flatMap(({ id }) =>
    planNetworkScope(model, id, facts).flatMap((object) => {
      if (object.kind === 'fdb') return [`${object.ns} ${object.mac} ${object.to}`];
      return object.kind === 'neighbour' ? [`${object.ns} ${object.address} ${object.mac}`] : [];
    }),
  );

const own = () => [...model.all('endpoints')].map((one) => ({ ...peerOf(one, here.id) }));

/** With a folder in SEAWAY_BENCH_PROFILE it has a profile of the processor time of each such task. */
async function profiled<T>(task: () => Promise<T>): Promise<T> {
  const into = process.env.SEAWAY_BENCH_PROFILE;
  if (!into) return task();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  try {
    return await task();
  } finally {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(join(into, `host${numberOf(here.id)}-${Date.now()}.cpuprofile`), JSON.stringify(profile));
    session.disconnect();
  }
}

async function carryOut(order: Order): Promise<unknown> {
  if (order.order === 'begin') return begin(order);
  if (order.order === 'networks') return makeNetworks(order.count);
  if (order.order === 'replace') return replace(order);
  if (order.order === 'own') return own();
  if (order.order === 'revision') return known();
  if (order.order === 'until') {
    // what this bench does itself is left out
    longestAt = Math.max(longestAt, turns.max);
    used = process.cpuUsage();
    const agreed = await profiled(() => until(order.wanted));
    turns.reset();
    return agreed;
  }
  if (order.order === 'cost') {
    longestAt = Math.max(longestAt, turns.max);
    const told = cost();
    longestAt = 0;
    turns.reset();
    return told;
  }
  await cluster?.close();
  await store.close();
  rmSync(folder, { recursive: true });
  return undefined;
}

process.on('message', (order: Order) => {
  carryOut(order).then(
    (answer) => {
      process.send?.({ answer });
      if (order.order === 'end') process.disconnect?.();
    },
    (error) => process.send?.({ error: String(error?.stack ?? error) }),
  );
});
