/** What a container's networks are inside it stays the same over restarts of the container and of the engine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();
const seaway = engine.seaway.bind(engine);
const idle = ['busybox', 'sleep', '1000'];

/** Interfaces with MAC and addresses, and the ways out, of both families. */
const seen = (name: string): Promise<string> =>
  seaway(
    'exec',
    name,
    'sh',
    '-c',
    "ip -o link | sed -E 's/^[0-9]+: (eth[0-9]|lan)@.*ether ([^ ]+).*/\\1 \\2/' | grep -v LOOPBACK; ip -o addr | awk '$4 !~ /^(127|::1|fe80)/ {print $2, $4}'; ip route; ip -6 route | grep -v '^f[ef]'; true",
  );

beforeAll(async () => {
  const networks = [
    ['--subnet', '10.71.0.0/24', 'mm'],
    ['--ipv6', '--subnet', '10.72.0.0/24', '--subnet', 'fd72::/64', 'zz'],
    ['--internal', '--subnet', '10.73.0.0/24', 'aa'],
    ['--subnet', '10.74.0.0/24', 'bb'],
  ];
  for (const args of networks) await seaway('network', 'create', ...args);
  const first = ['--network', 'name=mm,mac-address=02:00:00:00:07:01', '--network', 'zz', '--network', 'aa'];
  await seaway('run', '-d', '--name', 'many', ...first, ...idle);
});

test('MAC addresses are random and locally administered, or as asked', async () => {
  const text = await seen('many');
  const [asked, drawn] = ['eth0', 'eth1'].map((name) => new RegExp(`^${name} (.*:.*)$`, 'm').exec(text)?.[1]);
  expect(asked).toBe('02:00:00:00:07:01');
  expect(drawn).toMatch(/^.[26ae]:/);
  await seaway('run', '-d', '--name', 'other', '--network', 'zz', ...idle);
  expect(await seen('other')).not.toContain(drawn);
  await seaway('rm', '-f', 'other');
});

test('names, order, MAC addresses and gateways survive restarts of the container and of the engine', async () => {
  const before = await seen('many');
  expect(before).toContain('default via 10.72.0.1 dev eth1');
  expect(before).toContain('default via fd72::1 dev eth1');
  await seaway('restart', '-t', '0', 'many');
  expect(await seen('many')).toBe(before);
  await engine.restart();
  expect(await seen('many')).toBe(before);
  await engine.kill();
  await engine.start();
  expect(await seen('many')).toBe(before);
  await seaway('restart', '-t', '0', 'many');
  expect(await seen('many')).toBe(before);
});

test('also after networks came and went: no interface is renamed by a restart', async () => {
  await seaway('network', 'disconnect', 'mm', 'many');
  await seaway('network', 'connect', '--gw-priority', '-1', 'bb', 'many');
  await seaway('network', 'disconnect', 'zz', 'many');
  const before = await seen('many');
  expect(before).toMatch(/^eth0 /m);
  expect(before).toMatch(/^eth2 /m);
  expect(before).not.toMatch(/^eth1 /m);
  expect(before).toContain('default via 10.74.0.1 dev eth0');
  await seaway('restart', '-t', '0', 'many');
  // the order of the lines is that of the connections
  const lines = (text: string): readonly string[] => text.split('\n').toSorted();
  expect(lines(await seen('many'))).toEqual(lines(before));
});

test('policies and limits of rates hold over restarts of the container and of the engine', async () => {
  const serving = ['sh', '-c', 'while true; do echo hi | nc -l -p 80; done'];
  const label = ['--label', 'com.seaway.policy.deny-from=nobody'];
  const rate = ['--network', 'name=bb,driver-opt=com.seaway.rate.egress=10mbit'];
  await seaway('run', '-d', '--name', 'served', ...label, ...rate, 'busybox', ...serving);
  const ask = (): Promise<string> =>
    seaway('exec', 'many', 'sh', '-c', 'nc -w 5 served 80 2>&1 || true').then((text) => text.trim());
  await expect.poll(ask, { timeout: 20_000 }).toBe('hi');
  const document = 'policies: [{ name: alone, applies: served, ingress: [{ allow: "*.*" }] }]';
  const file = join(mkdtempSync(join(tmpdir(), 'seaway-policy-')), 'alone.yaml');
  writeFileSync(file, document);
  expect(await seaway('policy', 'apply', file)).toBe('alone created');
  rmSync(dirname(file), { recursive: true });
  expect(await seaway('network', 'rate', 'bb', 'served', '--ingress', '1gbit')).toBe(
    'egress 10mbit, ingress 1gbit',
  );
  const holds = async (): Promise<void> => {
    expect(await ask()).toContain('refused');
    expect(await seaway('network', 'rate', 'bb', 'served')).toBe('egress 10mbit, ingress 1gbit');
    expect(await seaway('policy', 'ls', '--format', '{{.Name}} {{.Containers}}')).toBe(
      'labels of served 1\nalone 1',
    );
  };
  await holds();
  await engine.kill();
  await engine.start();
  await holds();
  await seaway('restart', '-t', '0', 'served');
  await holds();
  await seaway('policy', 'rm', 'alone');
  await expect.poll(ask, { timeout: 20_000 }).toBe('hi');
});
