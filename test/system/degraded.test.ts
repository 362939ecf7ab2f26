/** What fails while the engine starts keeps nothing else from starting, is listed, and is tried again. */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine({ idle: true });
const bin = join(engine.folder, 'bin');
const broken = join(engine.folder, 'broken');
const idle = ['busybox', 'sleep', '1000'];
const waiting = { timeout: 15_000, interval: 200 };

interface Info {
  readonly Warnings: readonly string[] | null;
  readonly Degraded: readonly { readonly Subject: string; readonly Error: string }[];
}

const info = async (): Promise<Info> => (await engine.api('GET', '/info')).json as Info;
const subjects = async (): Promise<readonly string[]> =>
  (await info()).Degraded.map(({ Subject }) => Subject);
const list = async (): Promise<string> => engine.docker('ps', '--format', '{{.Names}} {{.Status}}');

beforeAll(() => {
  mkdirSync(bin, { recursive: true });
  const program = join(bin, 'iptables-restore');
  // as when another program holds the lock (iptables-restore exits with 4)
  writeFileSync(
    program,
    `#!/bin/sh\n[ -e ${broken} ] && exit 4\nPATH=${process.env.PATH}\nexec iptables-restore "$@"\n`,
  );
  chmodSync(program, 0o755);
  engine.env.PATH = `${bin}:${process.env.PATH}`;
});

test('a firewall that cannot be changed does not keep the engine from starting', async () => {
  writeFileSync(broken, '');
  await engine.start();
  expect(await subjects()).toEqual(['firewall']);
  expect((await engine.tryDocker(['info'])).stderr).toContain('WARNING: degraded: firewall: ');
  const { status, stderr } = await engine.tryDocker(['run', '-d', '--name', 'early', ...idle]);
  expect([status, stderr]).toEqual([125, expect.stringContaining('iptables-restore')]);
  await engine.docker('rm', '-f', 'early');
});

test('it is put right once it can be, without any request', async () => {
  rmSync(broken);
  await vi.waitFor(async () => expect(await subjects()).toEqual([]), { ...waiting, timeout: 40_000 });
  expect((await info()).Warnings).toBe(null);
  expect(await engine.docker('run', '--rm', 'busybox', 'echo', 'there')).toBe('there');
});

test('of several networks one that fails is listed by its name, the others are there', async () => {
  await engine.docker('network', 'create', 'one');
  await engine.docker('network', 'create', '-o', 'com.docker.network.bridge.name=taken0', 'two');
  await engine.docker('run', '-d', '--restart', 'always', '--name', 'on-one', '--network', 'one', ...idle);
  await engine.docker('run', '-d', '--restart', 'always', '--name', 'on-two', '--network', 'two', ...idle);
  await engine.stop();
  await engine.on('host', 'ip', 'link', 'del', 'taken0');
  await engine.on('host', 'ip', 'link', 'add', 'taken0', 'type', 'veth', 'peer', 'name', 'taken1');
  await engine.start();
  expect(await subjects()).toContain('network two');
  expect(await list()).toContain('on-one Up');
  await engine.on('host', 'ip', 'link', 'del', 'taken0');
  await vi.waitFor(async () => expect(await subjects()).toEqual([]), waiting);
  expect((await engine.on('host', 'ip', 'link', 'show', 'taken0')).status).toBe(0);
  await engine.docker('rm', '-f', 'on-one', 'on-two');
});

const late = '198.51.100.77';

test('a container that cannot start at boot is started when the address of its port comes', async () => {
  await engine.on('host', 'ip', 'addr', 'add', `${late}/32`, 'dev', 'lo');
  const args = ['-d', '--restart', 'always', '-p', `${late}:8082:80`];
  await engine.docker('run', ...args, '--name', 'late', ...idle);
  await engine.docker('run', ...args.slice(0, 3), '--name', 'plain', ...idle);
  await powerCut();
  await engine.on('host', 'ip', 'addr', 'del', `${late}/32`, 'dev', 'lo');
  await engine.start();
  // containers are up by the time that the engine answers
  expect(await list()).toMatch(/plain Up/);
  expect(await subjects()).toEqual(['container late']);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  await engine.on('host', 'ip', 'addr', 'add', `${late}/32`, 'dev', 'lo');
  // at once, not only at the next attempt
  await vi.waitFor(async () => expect(await list()).toMatch(/late Up/), { ...waiting, timeout: 2_500 });
  expect(await subjects()).toEqual([]);
  expect(engine.log()).not.toContain('in that state already');
});

test('one that the user stops meanwhile is not started any more', async () => {
  await powerCut();
  await engine.on('host', 'ip', 'addr', 'del', `${late}/32`, 'dev', 'lo');
  await engine.start();
  expect(await subjects()).toEqual(['container late']);
  await engine.docker('stop', 'late');
  expect(await subjects()).toEqual([]);
  await engine.on('host', 'ip', 'addr', 'add', `${late}/32`, 'dev', 'lo');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await list()).not.toContain('late');
  await engine.docker('rm', '-f', 'late', 'plain');
});

/** The engine and all containers at once. */
async function powerCut(): Promise<void> {
  const pids = (await engine.docker('inspect', '-f', '{{.State.Pid}}', 'plain', 'late')).trim().split('\n');
  await engine.kill();
  for (const pid of pids)
    if (Number(pid) > 0 && existsSync(`/proc/${pid}`)) process.kill(Number(pid), 'SIGKILL');
}
