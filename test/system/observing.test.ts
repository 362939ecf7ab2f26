/** What the engine tells of itself and of packets: metrics, traces, captures; by its client and by its command line. */
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import { connect, type Engine } from '../../packages/client/src/index.ts';
import { buildPage } from '../../scripts/build-page.ts';
import { packetText } from '../../src/net/packet-text.ts';
import { BlockReader } from '../../src/net/pcapng.ts';
import { eventually } from '../eventually.ts';
import { uplink } from '../kernel/rig.ts';
import { openTestEngine } from './engine.ts';

const address = '127.0.0.1:9323';
const engine = openTestEngine({ flags: ['--metrics-addr', address] });
let client: Engine;

const page = (): Promise<string> => engine.page('outside', `http://${uplink.address}:8080/`);

beforeAll(async () => {
  client = await connect({ host: `unix://${engine.socket}` });
  await engine.docker('network', 'create', 'app');
  const server = 'mkdir /w && echo hello >/w/index.html && exec httpd -f -h /w';
  await engine.docker(
    'run',
    '-d',
    '--name',
    'web',
    '--network',
    'app',
    '-p',
    '8080:80',
    'busybox',
    'sh',
    '-c',
    server,
  );
  await eventually(async () => expect(await page()).toBe('hello'));
});

test('metrics have dockerd’s names, traffic of containers, and the resolver’s counts', async () => {
  await engine.docker('exec', 'web', 'nslookup', '-type=a', 'web');
  const text = await engine.page('host', `http://${address}/metrics`);
  const value = (name: string): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  expect(value('engine_daemon_container_states_containers{state="running"}')).toBe(1);
  expect(value('engine_daemon_container_actions_seconds_count{action="start"}')).toBe(1);
  expect(value('seaway_network_endpoints{network="app",driver="bridge"}')).toBe(1);
  expect(text).toMatch(
    /^seaway_container_receive_bytes_total\{container="web",.*network="app",interface="eth0"\} [1-9]/m,
  );
  expect(value('seaway_dns_answers_total{by="itself",code="NOERROR"}')).toBeGreaterThan(0);
  expect(value('seaway_firewall_rules{family="ipv4"}')).toBeGreaterThan(10);
});

test('a trace has the stages of a start, its choices with their reasons, and what was done in the kernel', async () => {
  const text = await engine.seaway('trace', '-n', '-1');
  const start = text.slice(text.indexOf(' POST /containers/:id/start'));
  for (const part of ['decide and commit', 'converge sandbox:', 'act=make kind=link', 'runc create'])
    expect(start).toContain(part);
  expect(start).toMatch(/port host=0\.0\.0\.0 hostPort=8080 .* why="asked for"/);
  expect(start).toMatch(/address network=app interface=eth0 address=\S+ why="next free one of the pool"/);
});

test('the picture of the network follows changes, with traffic and rules, and the page is served', async () => {
  if (!existsSync(new URL('../../dist/page/index.html', import.meta.url))) await buildPage();
  const end = new AbortController();
  const pictures = client.seaway.followMap(end.signal);
  const names = async (): Promise<readonly string[]> =>
    (await pictures.next()).value?.Networks.map(({ Name }) => Name) ?? [];
  expect(await names()).not.toContain('drawn');
  await engine.docker('network', 'create', 'drawn');
  expect(await names()).toContain('drawn');
  end.abort();
  const { Endpoints: endpoints } = await client.seaway.map();
  const web = endpoints.find(({ Name }) => Name === 'web');
  const traffic = await client.seaway.traffic();
  expect(traffic.Endpoints[web?.Id ?? '']?.[0]).toBeGreaterThan(0);
  const rules = await client.seaway.rules({ container: 'web' });
  expect(rules.filter(({ Text }) => Text.includes('8080')).map(({ Reason }) => Reason)).toEqual([
    expect.stringContaining('leads to port 80 of'),
  ]);
  const link = (await engine.seaway('ui', '--no-browser')).trim();
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[A-Za-z0-9_-]{43}$/);
  expect(await engine.page('host', link)).toContain('<title>Seaway</title>');
});

test('a published port is captured on both sides of its translation, in the order of time', async () => {
  const body = await client.seaway.capture('port:8080', { filter: 'tcp[tcpflags] & tcp-syn != 0' });
  const packets = read(body);
  expect(await page()).toBe('hello');
  await eventually(() => expect(packets.lines).toHaveLength(4));
  const [first, second] = packets.lines;
  expect(first).toMatch(new RegExp(`^up0 TCP ${uplink.outside}:\\d+ > ${uplink.address}:8080 SYN `));
  expect(second).toMatch(new RegExp(`^web:eth0 TCP ${uplink.outside}:\\d+ > web:80 SYN `));
  body.destroy();
});

test('the command line shows packets by name, and says what is wrong with a filter', async () => {
  const shown = engine.seaway('capture', '-c', '2', 'app', 'icmp');
  let isDone = false;
  void shown.finally(() => {
    isDone = true;
  });
  while (!isDone)
    await engine.docker(
      'run',
      '--rm',
      '--network',
      'app',
      '--name',
      'asker',
      'busybox',
      'ping',
      '-c1',
      'web',
    );
  expect(await shown).toMatch(
    /^[\d:.]+ br-\w+ in ICMP asker > web echo request .*\n[\d:.]+ br-\w+ in ICMP web > asker echo reply/,
  );
  const wrong = await engine.trySeaway(['capture', 'web', 'prt', '80']);
  expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('filter "prt 80": ')]);
  const nobody = await engine.trySeaway(['capture', 'nobody']);
  expect((await engine.trySeaway(['capture', 'port'])).stderr).toContain('is named "port"');
  expect(nobody.stderr).toContain(
    'no container, network, published port or link of this host is named "nobody"',
  );
});

test('a capture ends with its container', async () => {
  const body = await client.seaway.capture('web');
  const { ended } = read(body);
  await engine.docker('rm', '-f', 'web');
  await ended;
});

/** Packets as `INTERFACE TEXT`, with the names that the file has. */
function read(body: Readable): { readonly lines: string[]; readonly ended: Promise<void> } {
  const lines: string[] = [];
  const interfaces: string[] = [];
  const names = new Map<string, string>();
  const reader = new BlockReader();
  body.on('error', () => undefined);
  body.on('data', (chunk: Buffer) => {
    for (const block of reader.push(chunk)) {
      if (block.kind === 'interface') interfaces.push(block.name);
      if (block.kind === 'names') for (const [bytes, name] of block.names) names.set(bytes.join('.'), name);
      const nameOf = (each: string): string | undefined => names.get(each);
      if (block.kind === 'packet')
        lines.push(`${interfaces[block.on]} ${packetText(block.data, { isBare: false, nameOf })}`);
    }
  });
  return { lines, ended: new Promise((resolve) => body.on('end', resolve)) };
}
