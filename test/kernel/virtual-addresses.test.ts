/** Virtual addresses of services, with packets between three sandboxes. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Change } from '../../src/model/tables.ts';
import type { ServedService } from '../../src/model/virtual-service.ts';
import { endpoint, idOf, modelOf, network, pool, sandbox } from '../golden/plans/world.ts';
import { answering, asking } from './answering.ts';
import { openBoxes, reconcilerOn } from './reconcile-rig.ts';

const { rig, kernel } = openBoxes();

const web = network('web', {
  scope: 'swarm',
  enableIPv6: true,
  pools: [pool('172.30.0.0/16', '172.30.0.1'), pool('fd00:30::/64', 'fd00:30::1')],
});
const places = ['a', 'b', 'c'].map((name, i) => {
  const box = sandbox(name, { path: `${rig.path('boxes')}/${name}` });
  const addresses = [`172.30.0.${i + 2}/16`, `fd00:30::${i + 2}/64`];
  return { box, end: endpoint({ network: web, sandbox: box }, { addresses }) };
});
const model = modelOf({
  networks: [web],
  sandboxes: places.map(({ box }) => box),
  endpoints: places.map(({ end }) => end),
});
const reconciler = reconcilerOn(kernel, model, rig);
const client = places[0]?.box.path ?? '';
const clientId = idOf('sandbox a');

/** `open`, `draining`: last digits of addresses. */
const service = (open: readonly number[], draining: readonly number[] = []): ServedService => ({
  ...{ id: 's n', serviceId: 's', networkId: web.id, name: 'web', aliases: [] },
  addresses: ['172.30.9.9', 'fd00:30::99'],
  backends: [...open, ...draining].map((number) => ({
    ...{ id: `t${number}`, open: open.includes(number) },
    addresses: [`172.30.0.${number}`, `fd00:30::${number}`],
  })),
});

async function serve(...changes: readonly Change[]): Promise<void> {
  model.apply(changes);
  for (const { box } of places) await reconciler.convergeSandbox(box.id);
}

const put = (one: ServedService): Change => ({ table: 'services', put: one });

/** How often each answer came. */
function answers(protocol: string, host: string, times: number): Readonly<Record<string, number>> {
  const lines = rig
    .run(client, process.execPath, '-e', asking, protocol, host, '80', String(times))
    .trim()
    .split('\n');
  return Object.fromEntries(
    [...new Set(lines)].sort().map((line) => [line, lines.filter((one) => one === line).length]),
  );
}

describe('a virtual address', async () => {
  await reconciler.convergeNetwork(web.id);
  await serve();
  for (const { box } of places) {
    const started = rig.start(box.path, process.execPath, '-e', answering(box.hostname));
    expect(await started.firstLine).toBe('ready');
  }

  test('leads to each backend, itself among them, which see the address of the caller', async () => {
    await serve(put(service([2, 3, 4])));
    for (const [protocol, host] of [
      ['tcp', '172.30.9.9'],
      ['udp', '172.30.9.9'],
      ['tcp', 'fd00:30::99'],
      ['udp', 'fd00:30::99'],
    ] as const) {
      const from = host.includes(':') ? 'fd00:30::2' : '172.30.0.2';
      const all = answers(protocol, host, 60);
      expect(Object.keys(all)).toEqual([`a ${from}`, `b ${from}`, `c ${from}`]);
      for (const count of Object.values(all)) expect(count).toBeGreaterThan(4);
    }
  });

  test('sends nothing new to one that drains, whose connections stay; one that is gone is noticed', async () => {
    await serve(put(service([3])));
    const long = rig.start(
      client,
      process.execPath,
      '-e',
      `const s = require('node:net').connect({ host: '172.30.9.9', port: 80 }, () => s.write('?'));
       s.on('data', (t) => { console.log(t.toString().trim()); setTimeout(() => s.write('?'), 50); })
        .on('error', (e) => { console.log(e.code); process.exit(); });`,
    );
    onTestFinished(() => long.stop());
    let last = '';
    let lines = 0;
    long.onLine((line) => {
      last = line;
      lines++;
    });
    expect(await long.firstLine).toMatch(/^b /);
    await serve(put(service([4], [3])));
    expect(Object.keys(answers('tcp', '172.30.9.9', 20))).toEqual(['c 172.30.0.2']);
    const before = lines;
    await expect.poll(() => lines).toBeGreaterThan(before + 2);
    expect(last).toMatch(/^b /);
    await serve(put(service([4])));
    await long.ended;
    expect(last).toBe('ECONNRESET');
  });

  test('moby#36878: one socket of UDP is led to another backend once its own is gone', async () => {
    await serve(put(service([3])));
    const asked = rig.start(
      client,
      process.execPath,
      '-e',
      `const s = require('node:dgram').createSocket('udp4');
       s.on('message', (t) => console.log(t.toString().trim())).on('error', () => {});
       setInterval(() => s.send('?', 80, '172.30.9.9'), 20);`,
    );
    onTestFinished(() => asked.stop());
    let last = '';
    asked.onLine((line) => {
      last = line;
    });
    expect(await asked.firstLine).toMatch(/^b /);
    await serve(put(service([4])));
    // A flow of UDP that goes on never times out by itself.
    await expect.poll(() => last, { timeout: 5000 }).toMatch(/^c /);
  });

  test('moby#32079: an idle connection whose entry has timed out goes on, or is refused at once', async () => {
    await serve(put(service([3, 4])));
    const timeout = 'net.netfilter.nf_conntrack_tcp_timeout_established';
    const usual = rig.run(client, 'sysctl', '-n', timeout).trim();
    expect(Number(usual)).toBeGreaterThan(24 * 3600);
    rig.run(client, 'sysctl', '-qw', `${timeout}=1`);
    const asked = rig.start(
      client,
      process.execPath,
      '-e',
      `const s = require('node:net').connect({ host: '172.30.9.9', port: 80 }, () => s.write('?'));
       s.on('data', (t) => { console.log(t.toString().trim()); setTimeout(() => s.write('?'), 2000); })
        .on('error', (e) => console.log(e.code));`,
    );
    onTestFinished(() => {
      asked.stop();
      rig.run(client, 'sysctl', '-qw', `${timeout}=${usual}`);
    });
    const lines: string[] = [];
    asked.onLine((line) => lines.push(line));
    const first = await asked.firstLine;
    await expect.poll(() => lines.length, { timeout: 10_000 }).toBeGreaterThan(1);
    expect(['ECONNRESET', first]).toContain(lines[1]);
  });

  test('refuses at once where nobody answers for it', async () => {
    await serve(put(service([], [3])));
    const start = performance.now();
    expect(answers('tcp', '172.30.9.9', 1)).toEqual({ ECONNREFUSED: 1 });
    expect(answers('tcp', 'fd00:30::99', 1)).toEqual({ ECONNREFUSED: 1 });
    expect(performance.now() - start).toBeLessThan(2500);
  });

  test('is put back where its table was deleted, and goes with the service', async () => {
    await serve(put(service([3, 4])));
    rig.run(client, 'nft', 'delete', 'table', 'ip', 'seaway-vip');
    expect(await reconciler.convergeSandbox(clientId)).toBe(1);
    expect(await reconciler.convergeSandbox(clientId)).toBe(0);
    expect(Object.keys(answers('tcp', '172.30.9.9', 20))).toHaveLength(2);
    await serve({ table: 'services', remove: 's n' });
    expect(rig.run(client, 'nft', 'list', 'tables')).not.toContain('seaway-vip');
  });

  test('costs little beside a thousand others', async () => {
    const many = Array.from({ length: 1000 }, (_, i): Change => {
      const address = `172.30.${100 + (i >> 8)}.${i & 255}`;
      const backends = Array.from({ length: 9 }, (_, n) => ({
        ...{ id: `t${n}`, open: true },
        addresses: [`172.30.${110 + n}.${i & 255}`],
      }));
      return put({ ...service([]), id: `s${i} n`, addresses: [address], backends });
    });
    model.apply(many);
    const start = performance.now();
    expect(await reconciler.convergeSandbox(clientId)).toBe(1);
    const all = performance.now() - start;
    model.apply([put({ ...service([3]), id: 's1 n', addresses: ['172.30.100.1'] })]);
    const again = performance.now();
    expect(await reconciler.convergeSandbox(clientId)).toBe(1);
    const one = performance.now() - again;
    console.log(`1000 services: ${all.toFixed(0)} ms, then one of them: ${one.toFixed(1)} ms`);
    expect(one).toBeLessThan(all);
  });
});
