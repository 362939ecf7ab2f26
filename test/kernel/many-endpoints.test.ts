/**
 * More endpoints than a bridge has ports. The small world fills the bridge with endpoints that are on record
 * only; `SEAWAY_TEST_ENDPOINTS=2000` makes as many in the kernel and prints what they cost.
 */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { heal } from '../../src/engine/healing.ts';
import { createEvents } from '../../src/observe/events.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { Tracer } from '../../src/observe/trace.ts';
import { Retries } from '../../src/reconcile/retries.ts';
import { type Crowd, gather, type Member } from './crowd-rig.ts';
import { hears } from './firewall-rig.ts';
import { hostLinks, openBoxes } from './reconcile-rig.ts';
import { type Rig, uplink } from './rig.ts';

const full = Number(process.env.SEAWAY_TEST_ENDPOINTS ?? 0);

const pings = (rig: Rig, from: Member, address: string): string =>
  rig.run(from.sandbox.path, 'busybox', 'ping', '-c1', '-W2', address);

const reaches = (rig: Rig, from: Member, address: string): void =>
  expect(pings(rig, from, address)).toContain(' 0% packet loss');

const server = (name: string): string =>
  `require('node:http').createServer((q, a) => a.end('${name} ' + q.socket.remoteAddress))
    .listen(80, '::', () => console.log('ready'))`;

/** Two endpoints on the bridge, and two on each of two fanouts. */
async function settle(crowd: Crowd, port?: number): Promise<readonly Member[]> {
  const own = [await crowd.open('own-1'), await crowd.open('own-2')];
  crowd.fill(998);
  const first = [await crowd.open('first-1', port), await crowd.open('first-2')];
  crowd.fill(998, first[0]?.endpoint);
  return [...own, ...first, await crowd.open('second-1'), await crowd.open('second-2')];
}

const member = (members: readonly Member[], name: string): Member => {
  const found = members.find((one) => one.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

describe('a network with more endpoints than its bridge has ports', async () => {
  const { rig, kernel } = openBoxes();
  const crowd = await gather({ rig, kernel, name: 'web', subnets: ['172.30.0.0/16', 'fd00:30::/64'] });
  afterAll(() => crowd.reconciler.close());
  const { link, id } = crowd.network;
  const fanouts = [1, 2].map((number) => `bx-${id.slice(0, 11)}${number}`);
  const ports = [1, 2].map((number) => `bp-${id.slice(0, 11)}${number}`);
  let members: readonly Member[] = [];
  const one = (name: string): Member => member(members, name);

  test('the further ones are put on fanouts of it, which come with them', async () => {
    members = await settle(crowd, 8080);
    await crowd.reconciler.convergeFirewall();
    expect(members.map(({ endpoint }) => endpoint.fanout)).toEqual([
      undefined,
      undefined,
      fanouts[0],
      fanouts[0],
      fanouts[1],
      fanouts[1],
    ]);
    const own = members.slice(0, 2).map(({ endpoint }) => endpoint.hostLink);
    expect(hostLinks(rig).sort()).toEqual([link, ...own, ...fanouts, ...ports].sort());
  });

  test('all of them reach each other, the host and the world', () => {
    for (const from of members) {
      for (const to of members) if (to !== from) reaches(rig, from, to.address);
      for (const to of members) reaches(rig, from, to.endpoint.addresses[1]?.split('/')[0] ?? '');
      for (const address of ['172.30.0.1', 'fd00:30::1', uplink.address]) reaches(rig, from, address);
    }
    rig.run('outside', 'ip', 'route', 'add', '172.30.0.0/16', 'via', uplink.address);
    reaches(rig, one('second-1'), uplink.outside);
  });

  test('the host is found on the bridge alone, and answers no neighbour from a fanout', () => {
    const neighbours = rig.ip(one('first-1').sandbox.path, 'neigh', 'show', '172.30.0.1');
    const [bridge] = rig.ip('host', 'link', 'show', link);
    expect(neighbours.map(({ lladdr }) => lladdr)).toEqual([bridge?.address]);
  });

  test("nobody gets to the host by the fanout's own MAC address", () => {
    const [fanout] = rig.ip('host', 'link', 'show', fanouts[0] ?? '');
    const path = one('first-1').sandbox.path;
    const rule = ['PREROUTING', '-i', 'bx-+'];
    rig.run('host', 'iptables', '-w', '-t', 'raw', '-I', ...rule);
    rig.run(path, 'ip', 'neigh', 'replace', '172.30.0.1', 'lladdr', `${fanout?.address}`, 'dev', 'eth0');
    // it is the bridge that takes it, as what comes in by the network
    reaches(rig, one('first-1'), uplink.outside);
    expect(rig.run('host', 'iptables', '-t', 'raw', '-vxnL', 'PREROUTING')).toMatch(/^ +0 +0 .* bx-\+ /m);
    rig.run('host', 'iptables', '-w', '-t', 'raw', '-D', ...rule);
    rig.run(path, 'ip', 'neigh', 'del', '172.30.0.1', 'dev', 'eth0');
  });

  test('a port of an endpoint on a fanout is published to everyone, its neighbours and itself', async () => {
    const web = one('first-1');
    expect(await rig.start(web.sandbox.path, process.execPath, '-e', server('web')).firstLine).toBe('ready');
    const bed = { rig, variant: 'nft', owned: [] } as const;
    expect(hears(bed, 'outside', uplink.address, 8080)).toBe(`web ${uplink.outside}`);
    expect(hears(bed, 'host', '127.0.0.1', 8080)).toContain('web ');
    for (const name of ['own-1', 'first-2', 'second-1', 'first-1'])
      expect([name, hears(bed, one(name).sandbox.path, uplink.address, 8080)]).toEqual([
        name,
        expect.stringContaining('web '),
      ]);
    expect(hears(bed, one('second-1').sandbox.path, web.address)).toContain('web ');
  });

  test('a second run does nothing', async () => {
    await crowd.reconciler.convergeNetwork(id);
    for (const { sandbox } of members) await crowd.reconciler.convergeSandbox(sandbox.id);
    const own = (scope: string): boolean => scope !== 'firewall' && !scope.includes('ghosts');
    expect(crowd.reconciler.status().filter(({ scope, actions }) => own(scope) && actions > 0)).toEqual([]);
  });

  test('a fanout that somebody deleted comes back, with its endpoints', async () => {
    rig.run('host', 'ip', 'link', 'del', fanouts[0] ?? '');
    await crowd.reconciler.convergeNetwork(id);
    reaches(rig, one('first-1'), one('second-1').address);
    reaches(rig, one('first-2'), one('first-1').address);
    rig.run('host', 'ip', 'link', 'del', fanouts[0] ?? '');
    await crowd.reconciler.convergeSandbox(one('first-2').sandbox.id);
    reaches(rig, one('first-1'), one('first-2').address);
    rig.run('host', 'ip', 'link', 'del', link);
    await crowd.reconciler.convergeNetwork(id);
    reaches(rig, one('first-1'), one('own-2').address);
  });

  test('healing sees that a fanout is gone', async () => {
    const logger = createLogger('fatal');
    const stop = heal({
      ...crowd,
      kernel,
      logger,
      retries: new Retries(logger),
      events: createEvents(() => 0n),
      tracer: new Tracer(),
      resolver: { forget: async () => undefined, ensure: async () => undefined },
      firewalld: { follow: async () => undefined },
      relays: { follow: async () => undefined },
      hostPorts: { hold: () => undefined, letGo: () => undefined },
      networkFiles: { follow: async () => undefined },
      sharing: { released: async () => undefined },
    });
    rig.run('host', 'ip', 'link', 'del', fanouts[1] ?? '');
    await vi.waitFor(() => reaches(rig, one('second-2'), one('first-1').address), {
      timeout: 5000,
      interval: 200,
    });
    stop();
  });

  test('one that starts again has its MAC address at once', async () => {
    const before = one('second-1');
    await crowd.close(before);
    const again = await crowd.open('second-1');
    expect(again.endpoint.mac).toBe(before.endpoint.mac);
    members = members.map((each) => (each === before ? again : each));
    reaches(rig, one('first-1'), again.address);
  });

  test('a fanout goes with the last that is on it', async () => {
    await crowd.close(one('second-1'));
    expect(hostLinks(rig)).toContain(fanouts[1]);
    await crowd.close(one('second-2'));
    expect(hostLinks(rig)).not.toContain(fanouts[1]);
    expect(hostLinks(rig)).toContain(fanouts[0]);
  });

  test('a sweep leaves alone what is used', async () => {
    await crowd.reconciler.sweep();
    reaches(rig, one('first-1'), one('own-2').address);
  });

  test('nothing is left of the network', async () => {
    await crowd.clear();
    expect(hostLinks(rig)).toEqual([]);
  });
});

describe.each([
  ['br_netfilter', true],
  ['no br_netfilter', false],
])('endpoints that are kept apart, with %s', (_title, bridgeNetfilter) => {
  const { rig, kernel } = openBoxes();

  test('stay so across fanouts and within them, and reach the host', async () => {
    const crowd = await gather({
      rig,
      kernel,
      name: 'apart',
      subnets: ['172.31.0.0/16'],
      options: { 'com.docker.network.bridge.enable_icc': 'false' },
      facts: { bridgeNetfilter },
    });
    rig.run('host', 'sysctl', '-qw', `net.bridge.bridge-nf-call-iptables=${Number(bridgeNetfilter)}`);
    const members = await settle(crowd);
    await crowd.reconciler.convergeFirewall();
    for (const [from, to] of [
      ['own-1', 'own-2'],
      ['own-1', 'first-1'],
      ['first-1', 'own-1'],
      ['first-1', 'first-2'],
      ['second-1', 'first-2'],
    ] as const) {
      const command = ['busybox', 'ping', '-c1', '-W1', member(members, to).address];
      expect(() => rig.run(member(members, from).sandbox.path, ...command)).toThrow('100% packet loss');
    }
    for (const each of members) reaches(rig, each, '172.31.0.1');
    await crowd.clear();
    await crowd.reconciler.close();
    expect(hostLinks(rig)).toEqual([]);
  });
});

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const slab = (): number => Number(/^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);

describe.runIf(full > 0)(`${full} endpoints in the kernel`, () => {
  const { rig, kernel } = openBoxes();

  test('they reach each other, and the last costs what the first did', { timeout: 600_000 }, async () => {
    const before = slab();
    const crowd = await gather({ rig, kernel, name: 'crowd', subnets: ['172.30.0.0/16'] });
    const members: Member[] = [];
    for (let i = 1; i <= full; i++) members.push(await crowd.open(`m${i}`));
    const at = (index: number, of: 'milliseconds' | 'worked'): number =>
      median(members.slice(Math.max(0, index - 25), index + 25).map((one) => one[of]));
    const marks = [25, 500, 975, 1025, 1500, full - 25].filter((index) => index < full);
    const report = marks.map(
      (index) =>
        `endpoint ${index}: ${at(index, 'milliseconds').toFixed(1)} ms, ${at(index, 'worked').toFixed(1)} of the thread`,
    );
    report.push(`memory per endpoint: ${((before - slab()) / full).toFixed(0)} KiB`);
    const some = (): Member => members[Math.floor(Math.random() * full)] as Member;
    let start = performance.now();
    for (let i = 0; i < 200; i++) reaches(rig, some(), some().address);
    report.push(`200 pings between random pairs: ${(performance.now() - start).toFixed(0)} ms`);
    start = performance.now();
    await crowd.clear();
    report.push(`taken away: ${((performance.now() - start) / full).toFixed(1)} ms each`);
    console.log(report.join('\n'));
    expect(hostLinks(rig)).toEqual([]);
    await crowd.reconciler.close();
    // a broadcast is copied to every port: that much grows
    expect(at(full - 25, 'worked')).toBeLessThan(3 * at(25, 'worked'));
  });
});
