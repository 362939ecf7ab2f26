/**
 * What fails while the engine starts keeps nothing else from starting, is listed, and is tried again. What others break
 * on the host is put back.
 */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine({ idle: true });
const bin = join(engine.folder, 'bin');
const broken = join(engine.folder, 'broken');
const idle = ['busybox', 'sleep', '1000'];
const waiting = { timeout: 15_000, interval: 200 };

interface Info {
  readonly Warnings: readonly string[] | null;
  readonly Degraded?: readonly { readonly Subject: string; readonly Error: string }[];
}

interface Comparison {
  readonly Scopes: readonly {
    readonly Name: string;
    readonly Changes: readonly { readonly Action: string; readonly Kind: string }[];
  }[];
}

const info = async (): Promise<Info> => (await engine.api('GET', '/info')).json as Info;
const subjects = async (): Promise<readonly string[]> =>
  ((await info()).Degraded ?? []).map(({ Subject }) => Subject);
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

describe('what somebody breaks on the host is put back', () => {
  const host = (line: string): string => engine.rig.run('host', ...line.split(' '));
  const reaches = async (): Promise<string> =>
    (await engine.tryDocker(['exec', 'h1', 'ping', '-c1', '-W1', 'h2'])).stdout;
  const works = (): Promise<void> =>
    vi.waitFor(async () => expect(await reaches()).toContain(' 0% packet loss'), {
      ...waiting,
      timeout: 5_000,
    });
  const isSoon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 100 });
  const port = (): string => /^\d+: (veth\w+)@.*master br-heal/m.exec(host('ip -o link'))?.[1] ?? '';
  const healed = (): number => engine.log().split('put back what another program has changed').length - 1;
  let quiet = 0;

  beforeAll(async () => {
    const options = ['--ipv6', '--subnet', '10.79.0.0/24', '--subnet', 'fd79::/64'];
    const bridge = ['-o', 'com.docker.network.bridge.name=br-heal'];
    await engine.docker('network', 'create', ...options, ...bridge, 'heal');
    for (const name of ['h1', 'h2'])
      await engine.docker(
        'run',
        '-d',
        '--cap-add',
        'NET_ADMIN',
        '--name',
        name,
        '--network',
        'heal',
        ...idle,
      );
    await works();
    quiet = healed();
  });

  afterAll(async () => {
    await engine.docker('rm', '-f', 'h1', 'h2');
    await engine.docker('network', 'rm', 'heal');
  });

  test.each([
    ['the bridge is down', 'ip link set br-heal down'],
    ['the bridge has lost its addresses', 'ip addr flush dev br-heal'],
    ['the bridge is gone', 'ip link del br-heal'],
    ['the bridge has another name', 'ip link set br-heal name br-lost'],
    ['the bridge has lost the route to its subnet', 'ip route del 10.79.0.0/24 dev br-heal'],
    ['the bridge has lost its link-local address', 'ip -6 addr flush dev br-heal scope link'],
    ['a port does not return packets', 'ip link set PORT type bridge_slave hairpin off'],
    ['127.0.0.1 leads nowhere', 'sysctl -qw net.ipv4.conf.br-heal.route_localnet=0'],
    ['a port is down', 'ip link set PORT down'],
    ['a port is on no bridge', 'ip link set PORT nomaster'],
    ['a port is gone', 'ip link del PORT'],
    ['a port has another name', 'ip link set PORT name lost0'],
    ['IPv6 is off on the bridge', 'sysctl -qw net.ipv6.conf.br-heal.disable_ipv6=1'],
    ['the host does not forward', 'sysctl -qw net.ipv4.ip_forward=0'],
  ])('%s', async (_what, command) => {
    const before = healed();
    host(command.replace('PORT', port()));
    await isSoon(() => expect(healed()).toBeGreaterThan(before));
    await isSoon(() => expect(host('ip -o addr show dev br-heal')).toMatch(/10\.79\.0\.1\/24.*fd79::1\/64/s));
    expect(host('ip -o link show up master br-heal').trim().split('\n')).toHaveLength(2);
    expect(host('ip -o link')).not.toContain('lost');
    await isSoon(() => expect(host('ip route show dev br-heal')).toContain('10.79.0.0/24'));
    await isSoon(() => expect(host('ip -6 addr show dev br-heal')).toContain('inet6 fe80:'));
    expect(host('bridge -d link show').split('hairpin on')).toHaveLength(3);
    expect(host('sysctl -n net.ipv4.conf.br-heal.route_localnet')).toBe('1\n');
    expect(host('sysctl -n net.ipv4.ip_forward')).toBe('1\n');
    await works();
  });

  test('it is told of by an event, and counted', async () => {
    const said = await engine.docker('events', '--since', '1h', '--until', '0s', '--filter', 'event=heal');
    expect(said).toMatch(/network heal .*name=network heal.*times=[2-9]/);
    expect(said).toMatch(/network heal .*by=.*what=.*10\.79\.0\.0|what=.*subnet route/);
    expect(said).toMatch(/container heal .*name=container h[12]/);
  });

  test('what a container changes inside its own namespace is left alone', async () => {
    const inside = (line: string): Promise<string> => engine.docker('exec', 'h1', 'sh', '-c', line);
    await inside(
      'ip route del default; ip route add default via 10.79.0.77; ip addr add 10.99.0.1/32 dev eth0',
    );
    await inside('ip route del default; ip link set eth0 mtu 1300');
    const before = healed();
    for (const name of host('ip -o link show master br-heal').match(/veth\w+/g) ?? [])
      host(`ip link set ${name} down`);
    await isSoon(() => expect(healed()).toBe(before + 2));
    expect(await inside('ip route; ip addr show eth0')).toMatch(/^(?!.*default).*mtu 1300.*10\.99\.0\.1/s);
    await works();
    // a comparison tells of it all the same, and changes nothing
    const { Scopes } = (await engine.api('GET', '/seaway/compare')).json as Comparison;
    const changes = Scopes.flatMap(({ Name, Changes }) =>
      Changes.map(({ Action, Kind }) => `${Name}: ${Action} ${Kind}`),
    );
    expect(changes.toSorted()).toEqual(['container h1: change link', 'container h1: make route']);
    expect(await inside('ip route')).not.toContain('default');
  });

  test('neighbours that are kept apart stay so', async () => {
    await engine.docker('network', 'create', '-o', 'com.docker.network.bridge.enable_icc=false', 'apart');
    host('sysctl -qw net.bridge.bridge-nf-call-iptables=0');
    await isSoon(() => expect(host('sysctl -n net.bridge.bridge-nf-call-iptables')).toBe('1\n'));
    await engine.docker('network', 'rm', 'apart');
  });

  test('the rules are put back even where nothing was taken away', async () => {
    const before = healed();
    host('iptables -I DOCKER-INTERNAL -j ACCEPT');
    await isSoon(() => expect(healed()).toBe(before + 1));
    await isSoon(() =>
      expect(host('iptables -S DOCKER-INTERNAL')).not.toContain('-A DOCKER-INTERNAL -j ACCEPT'),
    );
  });

  test('containers that come and go are no damage', async () => {
    const before = healed();
    for (const name of ['c1', 'c2', 'c3'])
      await engine.docker(
        'run',
        '--rm',
        '--name',
        name,
        '--network',
        'heal',
        '-p',
        '8080',
        'busybox',
        'true',
      );
    await engine.docker('network', 'create', 'other');
    await engine.docker('network', 'rm', 'other');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(healed(), engine.log().slice(-2000)).toBe(before);
    expect(quiet).toBe(0);
  });

  test('a fight with another program slows down, with one warning', async () => {
    const text = 'a program keeps changing this';
    // a burst that is over soon is none
    for (let time = 0; time < 600 && !engine.log().includes(text); time++) {
      host('ip link set br-heal down');
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(engine.log().split(text)).toHaveLength(2);
    expect(engine.log()).toMatch(/a program keeps changing this.* subject="network heal"/);
    await works();
  });

  test('who starts on a network whose bridge was taken away has it made again, in a fight as well', async () => {
    for (let time = 0; time < 10; time++) {
      await engine.on('host', 'ip', 'link', 'del', 'br-heal');
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    await engine.on('host', 'ip', 'link', 'del', 'br-heal');
    expect(await engine.docker('run', '--rm', '--network', 'heal', 'busybox', 'echo', 'there')).toBe('there');
    await works();
  });
});

const late = '198.51.100.77';

test('a container that cannot start at boot is started when the address of its port comes', async () => {
  await engine.on('host', 'ip', 'addr', 'add', `${late}/32`, 'dev', 'lo');
  const args = ['-d', '--restart', 'always', '-p', `${late}:8082:80`];
  await engine.docker('run', ...args, '--name', 'late', ...idle);
  await engine.docker('run', ...args.slice(0, 3), '--name', 'plain', ...idle);
  await powerCut('plain', 'late');
  await engine.on('host', 'ip', 'addr', 'del', `${late}/32`, 'dev', 'lo');
  await engine.start();
  // containers are up by the time that the engine answers
  expect(await list()).toMatch(/plain Up/);
  expect(await subjects()).toEqual(['container late']);
  // a start by hand that fails does not end that
  expect((await engine.tryDocker(['start', 'late'])).stderr).toContain('cannot assign requested address');
  expect(await subjects()).toEqual(['container late']);
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  await engine.on('host', 'ip', 'addr', 'add', `${late}/32`, 'dev', 'lo');
  // at once, not only at the next attempt, which is fifteen seconds after the first
  await vi.waitFor(async () => expect(await list()).toMatch(/late Up/), { ...waiting, timeout: 6_000 });
  expect(await subjects()).toEqual([]);
  expect(engine.log()).not.toContain('in that state already');
});

test('one that the user stops meanwhile is not started any more', async () => {
  await powerCut('plain', 'late');
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

test('the source of a link starts before its recipient, whatever that asks for', async () => {
  const always = ['-d', '--restart', 'always', '--name'];
  await engine.docker('run', ...always, 'source', ...idle);
  await engine.docker('run', ...always, 'recipient', '--link', 'source:al', '-p', '8083:80', ...idle);
  await powerCut('source', 'recipient');
  await engine.start();
  expect(await list()).toMatch(/recipient Up/);
  expect(await list()).toMatch(/source Up/);
  expect(engine.log()).not.toContain('Cannot link to a non running container');
  await engine.docker('rm', '-f', 'source', 'recipient');
});

/** The engine and these containers at once. */
async function powerCut(...names: readonly string[]): Promise<void> {
  const pids = (await engine.docker('inspect', '-f', '{{.State.Pid}}', ...names)).trim().split('\n');
  await engine.kill();
  for (const pid of pids)
    if (Number(pid) > 0 && existsSync(`/proc/${pid}`)) process.kill(Number(pid), 'SIGKILL');
}
