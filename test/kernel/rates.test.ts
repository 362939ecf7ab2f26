/** Limits of rates on a bridge network and on macvlan; tc is the oracle. */
import { describe, expect, test } from 'vitest';
import type { Endpoint, EndpointRates } from '../../src/model/endpoint.ts';
import { endpoint, modelOf, network, pool, sandbox } from '../golden/plans/world.ts';
import { openBoxes, reconcilerOn } from './reconcile-rig.ts';
import { uplink } from './rig.ts';

const { rig, kernel } = openBoxes();
const app = network('app', { pools: [pool('172.30.0.0/16', '172.30.0.1')] });
const lan = network('lan', {
  ...{ driver: 'macvlan', options: { parent: uplink.name } },
  pools: [pool('198.51.100.0/24', '198.51.100.1')],
});
const on = (name: string, where: typeof app, address: string) => {
  const box = sandbox(name, { path: `${rig.path('boxes')}/${name}` });
  return { box, end: endpoint({ network: where, sandbox: box }, { addresses: [address] }) };
};
const [a, b, c] = [
  on('a', app, '172.30.0.2/16'),
  on('b', app, '172.30.0.3/16'),
  on('c', lan, '198.51.100.9/24'),
];
const all = [a, b, c];
const model = modelOf({
  networks: [app, lan],
  sandboxes: all.map(({ box }) => box),
  endpoints: all.map(({ end }) => end),
});
const reconciler = reconcilerOn(kernel, model, rig);

async function limit(end: Endpoint, rates: EndpointRates): Promise<void> {
  model.apply([{ table: 'endpoints', put: { ...end, rates } }]);
  await reconciler.convergeSandbox(end.sandboxId);
}

const queueOf = (where: string, link: string): string =>
  rig.run(where, 'tc', 'qdisc', 'show', 'dev', link).trim();

/** Seconds in which so many bytes get from one to the other. */
function time(from: string, to: string, { host, bytes }: { host: string; bytes: number }): Promise<number> {
  const server = rig.start(
    to,
    process.execPath,
    '-e',
    `let start = 0, left = ${bytes};
     require('node:net').createServer((s) => s.on('data', (d) => {
       start ||= performance.now();
       left -= d.length;
       if (left <= 0) { console.log((performance.now() - start) / 1000); process.exit(); }
     })).listen(80, '0.0.0.0', () => console.log('ready'));`,
  );
  return new Promise((resolve) => {
    server.onLine((line) => {
      if (line !== 'ready') return resolve(Number(line));
      const send = `require('node:net').connect({ host: '${host}', port: 80 }).on('error', () => {}).end(Buffer.alloc(${bytes}))`;
      rig.start(from, process.execPath, '-e', send);
    });
  });
}

describe('limits of rates', async () => {
  for (const { id } of [app, lan]) await reconciler.convergeNetwork(id);
  for (const { box } of all) await reconciler.convergeSandbox(box.id);

  test('are on the inner end for what is sent, and on the host for what is received', async () => {
    const before = queueOf('host', a.end.hostLink);
    await limit(a.end, { egress: 10_000_000, ingress: 1_500_000 });
    expect(queueOf(a.box.path, 'eth0')).toMatch(
      /^qdisc tbf 5e: root .*rate 10093Kbit burst 12616b lat 100ms/,
    );
    expect(queueOf('host', a.end.hostLink)).toMatch(
      /^qdisc tbf 5e: root .*rate 1514Kbit burst 3027b lat 100ms/,
    );
    await limit(a.end, { ingress: 40_000_000_000 });
    expect(queueOf('host', a.end.hostLink)).toMatch(/rate 40373Mbit/);
    expect(queueOf(a.box.path, 'eth0')).toBe(before);
    await limit(a.end, {});
    expect(queueOf('host', a.end.hostLink)).toBe(before);
    await limit(c.end, { egress: 10_000_000 });
    expect(queueOf(c.box.path, 'eth0')).toMatch(/^qdisc tbf 5e: root .*rate 10093Kbit/);
  });

  test('hold in both directions', async () => {
    const bytes = 250_000;
    await limit(a.end, { egress: 2_000_000, ingress: 2_000_000 });
    // what may be sent at once leaves earlier
    expect(await time(a.box.path, b.box.path, { host: '172.30.0.3', bytes })).toBeGreaterThan(0.85);
    expect(await time(b.box.path, a.box.path, { host: '172.30.0.2', bytes })).toBeGreaterThan(0.85);
  });

  test('are told of when somebody takes them away, and are put back', async () => {
    await limit(a.end, { ingress: 2_000_000 });
    const heard: string[] = [];
    const end = kernel.watch(({ subject, name }) => void (subject === 'queue' && heard.push(name)));
    rig.run('host', 'tc', 'qdisc', 'del', 'dev', a.end.hostLink, 'root');
    rig.run('host', 'tc', 'qdisc', 'add', 'dev', b.end.hostLink, 'root', 'pfifo');
    rig.run('host', 'tc', 'qdisc', 'del', 'dev', b.end.hostLink, 'root');
    kernel.drain();
    end();
    expect(heard).toEqual([a.end.hostLink]);
    expect(await reconciler.restoreSandbox(a.box.id)).toBe(1);
    expect(queueOf('host', a.end.hostLink)).toMatch(/^qdisc tbf 5e:/);
    // another one in its place
    rig.run('host', 'tc', 'qdisc', 'replace', 'dev', a.end.hostLink, 'root', 'pfifo');
    expect(await reconciler.restoreSandbox(a.box.id)).toBe(1);
    expect(await reconciler.restoreSandbox(a.box.id)).toBe(0);
  });
});
