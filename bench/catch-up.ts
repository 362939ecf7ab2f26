/**
 * Hosts that hear nothing for a while, in a cluster whose other hosts have their endpoints replaced meanwhile: the time and
 * the processor time until they know it. The hosts that hear nothing are processes with all that an engine has of records
 * (`cluster/node.ts`); what the others write is written by this one.
 *
 *     node_modules/.bin/node bench/catch-up.ts etcd://127.0.0.1:2379 [STALLED HOSTS] [NODES] [ENDPOINTS] [NETWORKS] [SECONDS] [SHARE]
 *
 * SHARE of the others' endpoints are replaced in that time, 1 being all of them.
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { writeClaim, writeInstance, writeNode, writePeer } from '../src/cluster/formats.ts';
import { keys, root } from '../src/cluster/keys.ts';
import type { Transaction } from '../src/kv/kv.ts';
import { openKv } from '../src/kv/open.ts';
import { parseSource } from '../src/kv/source.ts';
import type { Peer } from '../src/model/peer.ts';
import { bare } from '../src/net/address.ts';
import { buildHosts, Node } from './cluster/host.ts';
import { type Agreed, type Cost, commonOf, dataAddress, hexId, truthOf } from './cluster/plan.ts';

const [url = '', ...counts] = process.argv.slice(2);
const [stalled = 1, nodes = 25, endpoints = 8_500, networks = 200, seconds = 20, share = 1] =
  counts.map(Number);
const ofHost = Math.round(endpoints / nodes);
if (url === '') throw new Error('the URL of a store is needed');
await buildHosts();
const kv = await openKv(parseSource(url), { folder: root });

/** Sixteen at once. */
async function all(transactions: readonly Transaction[]): Promise<void> {
  const waiting = transactions.values();
  const lane = async (): Promise<void> => {
    for (const one of waiting) await kv.transact(one, { deadline: 60_000 });
  };
  await Promise.all(Array.from({ length: 16 }, lane));
}

/** Addresses of a network lie apart from those that the stalled hosts choose, and from those of the round before. */
function peerOf(
  node: number,
  { index, round, used }: { index: number; round: number; used: number[] },
): Peer {
  const network = (node * 8 + (index % Math.ceil(networks / 3))) % networks;
  const count = used[network] ?? 0;
  used[network] = count + 1;
  const name = `task-${node}-${index}-${round}`;
  return {
    ...{
      id: randomBytes(32).toString('hex'),
      networkId: hexId(`net${network}`),
      nodeId: hexId(`node${node}`),
    },
    ...{ name, dnsNames: [name, `service-${index % 500}`] },
    addresses: [`10.${64 + (network >> 8)}.${network & 255}.${100 + 75 * (round % 2) + count}/24`],
    mac: `02:${randomBytes(5).toString('hex').match(/../g)?.join(':')}`,
  };
}

const placesOf = ({ networkId, id, addresses }: Peer): readonly string[] => [
  keys.endpoint(networkId, id),
  ...addresses.map((address) => keys.address(networkId, bare(address))),
];

/** In two transactions each, as an engine does. */
const replacements = (old: readonly Peer[], others: readonly Peer[]): readonly Transaction[] =>
  others.flatMap((peer, at): Transaction[] => {
    const [endpoint = '', address = ''] = placesOf(peer);
    const before = old[at];
    const since = '2026-01-01T00:00:00.000000000Z';
    const claim = writeClaim({ endpoint: peer.id, node: peer.nodeId, since });
    return [
      ...(before ? [{ remove: placesOf(before) }] : []),
      {
        put: [
          { key: endpoint, value: writePeer(peer) },
          { key: address, value: claim },
        ],
      },
    ];
  });

const hosts = Array.from({ length: stalled }, (_, number) => new Node(number, { url, stalls: true }));
const others = Array.from({ length: nodes - stalled }, (_, at) => stalled + at);
function endpointsOf(round: number): readonly Peer[] {
  const used: number[] = [];
  return others.flatMap((node) =>
    Array.from({ length: ofHost }, (_, index) => peerOf(node, { index, round, used })),
  );
}

async function agree(peers: readonly Peer[], since: () => number): Promise<string> {
  const own = await Promise.all(hosts.map((host) => host.ask<readonly Peer[]>({ order: 'own' })));
  const { revision } = await kv.range('state');
  const owned = [...peers, ...own.flat()];
  const common = commonOf(owned);
  const began = since();
  const agreed = await Promise.all(
    hosts.map((host) =>
      host.ask<Agreed>({ order: 'until', wanted: truthOf(host.number, { owned, revision, common }) }),
    ),
  );
  const costs = await Promise.all(hosts.map((host) => host.ask<Cost>({ order: 'cost' })));
  const later = agreed.map(({ at }) => at - began).sort((a, b) => a - b);
  return [
    `${costs[0]?.count} endpoints known after ${later.join(' ')} ms`,
    `with ${agreed.map(({ processor }) => processor.toFixed(2)).join(' ')} s of processor time`,
    `longest turn ${Math.max(...costs.map(({ longest }) => longest))} ms`,
  ].join(', ');
}

for (const host of hosts) await host.begin();
await hosts[0]?.ask({ order: 'networks', count: networks });
await Promise.all(
  hosts.map((host) => host.ask({ order: 'replace', networks, round: 0, count: ofHost, more: true })),
);
await all(
  others.map((number) => {
    const node = {
      ...{ id: hexId(`node${number}`), name: `node${number}`, advertise: `${dataAddress(number)}:2376` },
      ...{ data4: dataAddress(number), instance: String(number), mtu: 1500 },
    };
    return {
      put: [
        { key: keys.node(node.id), value: writeNode(node) },
        { key: keys.live(node.id), value: writeInstance(node.instance) },
      ],
    };
  }),
);
let before: readonly Peer[] = [];
for (const round of [0, 1, 2]) {
  const isCut = round === 2;
  const replaced = Math.round(before.length * (isCut ? share : 1));
  const fresh = endpointsOf(round);
  const peers = before.length === 0 ? fresh : [...fresh.slice(0, replaced), ...before.slice(replaced)];
  if (isCut) for (const { relay } of hosts) relay.silence(true);
  const began = performance.now();
  await all(
    before.length === 0
      ? replacements([], fresh)
      : replacements(before.slice(0, replaced), peers.slice(0, replaced)),
  );
  const written = ((performance.now() - began) / 1000).toFixed(1);
  if (isCut) await delay(Math.max(0, seconds * 1000 - (performance.now() - began)));
  const told = await agree(peers, () => {
    if (isCut) for (const { relay } of hosts) relay.silence(false);
    return Date.now();
  });
  const what = isCut ? `${stalled} hosts heard nothing for ${seconds} s` : 'nobody was cut off';
  console.log(`round ${round}, ${what}, written in ${written} s: ${told}`);
  before = peers;
}
for (const host of hosts) await host.end();
await kv.close();
