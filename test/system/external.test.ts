/** `network connect --netns`: a namespace that the engine did not make is on its networks like a container. */
import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run, soon } from './commands.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();
const seaway = engine.seaway.bind(engine);
const name = `swexternal${process.pid}`;
const path = `/run/netns/${name}`;

const hostNamespace = readlinkSync('/proc/self/ns/net');
const ip = (...args: readonly string[]) => run(['ip', ...args], { env: process.env });
const inside = async (...command: readonly string[]) => (await engine.on(path, ...command)).stdout;
/** Asks the resolver that is served in it, whatever the machine's own resolv.conf says. */
const resolve = (of: string) => inside('busybox', 'nslookup', '-type=a', of, '127.0.0.11');

interface Inspected {
  readonly Containers: Readonly<Record<string, { readonly Name: string; readonly IPv4Address: string }>>;
}
async function members(network: string): Promise<readonly string[]> {
  const [found] = JSON.parse(await seaway('network', 'inspect', network)) as readonly Inspected[];
  return Object.entries(found?.Containers ?? {})
    .map(([key, { Name, IPv4Address }]) => `${key.slice(0, 3)} ${Name} ${IPv4Address}`)
    .filter((line) => line.startsWith('ep-'));
}

beforeAll(async () => {
  await ip('netns', 'add', name);
  await seaway('network', 'create', '--subnet', '10.79.0.0/24', 'net');
  await seaway('network', 'create', '--subnet', '10.80.0.0/24', 'other');
  const serve = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'];
  await seaway('run', '-d', '--name', 'web', '--network', 'net', ...serve);
});
afterAll(async () => {
  await ip('netns', 'del', name);
});

async function expectConnected(): Promise<void> {
  expect(await resolve('web')).toContain('10.79.0.2');
  expect(await engine.page(path, 'http://10.79.0.2/hostname')).toMatch(/^[0-9a-f]{12}/);
  expect(await seaway('exec', 'web', 'ping', '-c1', '-W2', 'box')).toContain('10.79.0.9');
  expect(await seaway('exec', 'web', 'ping', '-c1', '-W2', 'crate')).toContain('10.79.0.9');
  expect(await members('net')).toEqual(['ep- box 10.79.0.9/24']);
}

describe('a namespace that the engine did not make', () => {
  test('is connected, resolves and is resolved, and says what its resolv.conf must be', async () => {
    const ask = ['--netns', name, '--name', 'box', '--ip', '10.79.0.9', '--alias', 'crate'];
    const said = await seaway('network', 'connect', 'net', ...ask);
    expect(said).toContain('box eth0 10.79.0.9/24');
    expect(said).toMatch(
      new RegExp(`/etc/netns/${name}/resolv.conf:\\n(.*\\n)*nameserver 127\\.0\\.0\\.11$`, 'm'),
    );
    await expectConnected();
    expect(await inside('ip', 'route')).toContain('default via 10.79.0.1 dev eth0');
  });

  test('has a second network by a second interface, and loses it again', async () => {
    await seaway('network', 'connect', 'other', '--netns', path, '--name', 'box');
    expect(await inside('ip', '-br', 'addr')).toMatch(/^eth1\S*\s+UP\s+10\.80\.0\.2\/24/m);
    await seaway('network', 'disconnect', 'other', '--name', 'box');
    expect(await inside('ip', '-br', 'addr')).not.toContain('eth1');
    await expectConnected();
  });

  test('cannot have a place twice, nor be that of a container or not be there', async () => {
    const connect = (netns: string, called: string) =>
      engine.trySeaway(['network', 'connect', 'net', '--netns', netns, '--name', called]);
    expect((await connect(path, 'again')).stderr).toContain('already exists in network net');
    const pid = await seaway('inspect', '--format', '{{.State.Pid}}', 'web');
    expect((await connect(`/proc/${pid}/ns/net`, 'web2')).stderr).toContain('it is that of container web');
    expect((await connect('/run/netns/nobody', 'none')).stderr).toContain('no such file');
    expect((await engine.trySeaway(['network', 'rm', 'net'])).stderr).toContain('has active endpoints');
  });

  test('stays connected over a restart of the engine and over its crash', async () => {
    await engine.restart();
    await expectConnected();
    await engine.kill();
    await engine.start();
    await expectConnected();
  });

  test('is as it was when it is disconnected', async () => {
    await seaway('network', 'disconnect', 'net', '--netns', name);
    expect(await inside('ip', '-br', 'link')).not.toContain('eth0');
    expect(await inside('nft', 'list', 'tables')).not.toContain('seaway');
    expect(await members('net')).toEqual([]);
    const again = await engine.trySeaway(['network', 'disconnect', 'net', '--netns', name]);
    expect(again.stderr).toContain('is not connected to network net');
  });

  test('is released as soon as it is gone, and so is that of a process', async () => {
    const holder = spawn('unshare', ['--net', 'sleep', '1000'], { stdio: 'ignore' });
    const own = `/proc/${holder.pid}/ns/net`;
    await soon(
      async () => (await ip('-n', name, 'link')).status === 0 && readlinkSync(own) !== hostNamespace,
    );
    await seaway('network', 'connect', 'other', '--netns', name, '--name', 'box');
    await seaway('network', 'connect', 'other', '--netns', own, '--name', 'process');
    expect(await members('other')).toHaveLength(2);
    await ip('netns', 'del', name);
    expect(await soon(async () => (await members('other')).length === 1)).toBe(true);
    holder.kill('SIGKILL');
    expect(await soon(async () => (await members('other')).length === 0)).toBe(true);
    expect(engine.log()).toContain('a namespace is gone: its endpoints are released');
    await ip('netns', 'add', name);
  });

  test('is released when it is gone, also while the engine was away', async () => {
    const connect = ['network', 'connect', 'other', '--netns', name, '--name', 'box'];
    await seaway(...connect);
    await ip('netns', 'del', name);
    await ip('netns', 'add', name);
    await seaway(...connect);
    expect(await members('other')).toEqual(['ep- box 10.80.0.2/24']);
    await engine.stop();
    await ip('netns', 'del', name);
    await engine.start();
    expect(await members('other')).toEqual([]);
    const { stdout } = await engine.on('host', 'ip', '-br', 'link');
    expect(stdout.match(/veth/g)).toHaveLength(1);
    await ip('netns', 'add', name);
  });
});
