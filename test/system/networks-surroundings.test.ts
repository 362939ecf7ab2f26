/** What networks follow of the host around them: MTUs, narrow paths, routes of others, bridges of the user's. */
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { uplink } from '../kernel/rig.ts';
import { soon } from './commands.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine({ idle: true });
const { rig } = engine;
const seaway = engine.seaway.bind(engine);
const idle = ['busybox', 'sleep', '1000'];
const host = (line: string): string => rig.run('host', ...line.split(' '));
const inside = (name: string, command: string): Promise<string> => seaway('exec', name, 'sh', '-c', command);

afterEach(async () => {
  await engine.removeContainers();
  if (!engine.isRunning) return;
  await seaway('network', 'prune', '-f');
  await engine.stop();
});

const mtuOf = async (name: string): Promise<number> =>
  Number(await inside(name, 'cat /sys/class/net/eth0/mtu'));

test('networks without an MTU of their own follow the uplink, and running containers with them', async () => {
  await engine.start();
  await seaway('network', 'create', 'follows');
  await seaway('network', 'create', '-o', 'com.docker.network.driver.mtu=1450', 'keeps');
  for (const name of ['bridge', 'follows', 'keeps'])
    await seaway('run', '-d', '--name', `on-${name}`, '--network', name, ...idle);
  const mtus = async () => [await mtuOf('on-bridge'), await mtuOf('on-follows'), await mtuOf('on-keeps')];
  expect(await mtus()).toEqual([1500, 1500, 1450]);
  expect(host('iptables -t mangle -S')).not.toContain('SEAWAY-MSS');
  host(`ip link set ${uplink.name} mtu 1400`);
  expect(await soon(async () => (await mtuOf('on-follows')) === 1400)).toBe(true);
  expect(await mtus()).toEqual([1400, 1400, 1450]);
  // now one network is wider than the uplink
  expect(await soon(() => host('iptables -t mangle -S').includes('--clamp-mss-to-pmtu'))).toBe(true);
  host(`ip link set ${uplink.name} mtu 1500`);
  expect(await soon(async () => (await mtuOf('on-follows')) === 1500)).toBe(true);
  expect(await soon(() => !host('iptables -t mangle -S').includes('SEAWAY-MSS'))).toBe(true);
});

const size = 4 * 1024 * 1024;
const pageOf = (root: string): string =>
  `mkdir -p ${root} && dd if=/dev/zero of=${root}/zeros bs=64k count=${size / 65536} && exec busybox httpd -f -p 7000 -h ${root}`;

/** A container that serves so many bytes on port 7000, once it does. */
async function runServer(...options: readonly string[]): Promise<void> {
  const published = ['--name', 'server', '-p', '7000:7000'];
  await seaway('run', '-d', ...published, ...options, 'busybox', 'sh', '-c', pageOf('/www'));
  const serves = async (): Promise<boolean> => (await inside('server', 'netstat -ltn')).includes(':7000');
  expect(await soon(serves)).toBe(true);
}

/** How many of the bytes that the container sends arrive there. */
async function fetchedFrom(where: string): Promise<number> {
  const url = `http://${uplink.address}:7000/zeros`;
  const { stdout } = await engine.on(
    where,
    'sh',
    '-c',
    `timeout 15 busybox wget -qO- ${url} | busybox wc -c`,
  );
  return Number(stdout);
}

describe('where ICMP is blocked and the path is narrower than the network', () => {
  test('TCP arrives both ways behind a narrow uplink, by segments cut to it', async () => {
    host(`ip link set ${uplink.name} mtu 1300`);
    host('iptables -I OUTPUT -p icmp -j DROP');
    try {
      await engine.start();
      await seaway('network', 'create', '-o', 'com.docker.network.driver.mtu=1500', 'wide');
      // so that nothing but the cutting can help
      const alone = ['--sysctl', 'net.ipv4.tcp_mtu_probing=0'];
      await runServer('--network', 'wide', ...alone);
      expect(await fetchedFrom('outside')).toBe(size);
      const other = rig.start('outside', 'sh', '-c', pageOf(join(engine.folder, 'tmp', 'www')));
      await soon(() => rig.run('outside', 'ss', '-ltn').includes(':7000'));
      expect(await inside('server', `timeout 15 wget -qO- http://${uplink.outside}:7000/zeros | wc -c`)).toBe(
        `${size}`,
      );
      other.stop();
    } finally {
      host('iptables -D OUTPUT -p icmp -j DROP');
      host(`ip link set ${uplink.name} mtu 1500`);
    }
  });

  test('TCP arrives behind a narrow link further on, of which no host can know', async () => {
    const far = rig.path('far');
    rig.run('outside', 'ip', 'netns', 'add', basename(far));
    const lines = [
      `ip link add far0 mtu 1300 type veth peer name far1 mtu 1500 netns ${basename(far)}`,
      'ip addr add 192.0.2.1/24 dev far0',
      'ip link set far0 up',
      `ip -n ${basename(far)} addr add 192.0.2.2/24 dev far1`,
      `ip -n ${basename(far)} link set far1 up`,
      `ip -n ${basename(far)} route add default via 192.0.2.1`,
      'sysctl -qw net.ipv4.ip_forward=1',
      'iptables -I OUTPUT -p icmp -j DROP',
    ];
    for (const line of lines) rig.run('outside', ...line.split(' '));
    await engine.start();
    await runServer();
    expect(await fetchedFrom(far)).toBe(size);
  });
});

test('what the host routes elsewhere is not chosen, and told of where a network has it already', async () => {
  await engine.start();
  await seaway('network', 'create', '--subnet', '10.50.0.0/16', 'claimed');
  host('ip link add vpn0 type veth peer name vpn1');
  host('ip link set vpn0 up');
  host('ip link set vpn1 up');
  const chosen = '{{(index .IPAM.Config 0).Subnet}}';
  try {
    for (const route of ['172.18.0.0/15', '0.0.0.0/1', '128.0.0.0/1', '10.50.7.0/24'])
      host(`ip route add ${route} dev vpn0`);
    await seaway('network', 'create', 'fresh');
    expect(await seaway('network', 'inspect', '--format', chosen, 'fresh')).toBe('172.20.0.0/16');
    const now = (): number => Math.ceil(Date.now() / 1000) + 1;
    const warnings = async (): Promise<readonly unknown[]> => {
      const { text } = await engine.api(
        'GET',
        `/events?since=1&until=${now()}&filters={"event":["warning"]}`,
      );
      const events = text.trim().split('\n').filter(Boolean);
      return events.map((line) => (JSON.parse(line) as { Actor: { Attributes: unknown } }).Actor.Attributes);
    };
    const asked = { Name: 'asked', IPAM: { Config: [{ Subnet: '172.19.0.0/24' }] } };
    expect((await engine.api('POST', '/networks/create', { json: asked })).json).toMatchObject({
      Warning: "subnet 172.19.0.0/24 overlaps with the host's route to 172.18.0.0/15",
    });
    expect(await soon(() => engine.log().includes('network=claimed'))).toBe(true);
    expect(await warnings()).toEqual([
      { name: 'claimed', type: 'bridge', subnet: '10.50.0.0/16', route: '10.50.7.0/24', device: 'vpn0' },
    ]);
    expect(engine.log()).toMatch(/ warn .* network=claimed subnet=10\.50\.0\.0\/16 route=10\.50\.7\.0\/24/);
  } finally {
    host('ip link del vpn0');
  }
});

test('--bridge takes a bridge of the user as it is, and wants it to be there', async () => {
  await expect(engine.start(['--bridge', 'mine0'])).rejects.toThrow(
    'bridge device with non default name mine0 must be created manually',
  );
  for (const line of ['link add mine0 type bridge', 'addr add 10.64.0.9/24 dev mine0', 'link set mine0 up'])
    host(`ip ${line}`);
  await engine.start(['--bridge', 'mine0']);
  await seaway('run', '-d', '--name', 'on-mine', ...idle);
  expect(await inside('on-mine', 'ip route')).toMatch(/^default via 10\.64\.0\.9 dev eth0/);
  await engine.removeContainers();
  await engine.stop();
  expect(rig.ip('host', 'link', 'show', 'mine0')[0]).not.toHaveProperty('ifalias');
  host('ip link del mine0');
});

test('--icc=false keeps all apart, but who is linked reaches what is exposed', async () => {
  await engine.start(['--icc=false']);
  const serve = ['busybox', 'sh', '-c', 'httpd -p 81 -h /etc; exec httpd -f -p 80 -h /etc'];
  await seaway('run', '-d', '--name', 'source', '--expose', '80', ...serve);
  await seaway('run', '-d', '--name', 'linked', '--link', 'source:web', ...idle);
  await seaway('run', '-d', '--name', 'stranger', ...idle);
  const address = await seaway('inspect', '--format', '{{.NetworkSettings.IPAddress}}', 'source');
  const asks = (who: string, port: number): Promise<string> =>
    inside(
      who,
      `timeout 2 wget -qO- http://${address}:${port}/passwd >/dev/null && echo open || echo closed`,
    );
  const answers = [asks('linked', 80), asks('linked', 81), asks('stranger', 80)];
  expect(await Promise.all(answers)).toEqual(['open', 'closed', 'closed']);
});

test('--bip6, --fixed-cidr-v6 and the default gateways are those of the default bridge', async () => {
  await engine.start([
    ...['--bip', '10.62.0.1/24', '--default-gateway', '10.62.0.77', '--ip-masq=false'],
    ...[
      '--ipv6',
      '--bip6',
      'fd61::5/64',
      '--fixed-cidr-v6',
      'fd61::100/120',
      '--default-gateway-v6',
      'fd61::77',
    ],
  ]);
  await seaway('run', '-d', '--name', 'one', ...idle);
  const text = await inside('one', 'ip addr show eth0; ip route; ip -6 route');
  for (const part of ['10.62.0.2/24', 'fd61::100/64', 'default via 10.62.0.77', 'default via fd61::77'])
    expect(text).toContain(part);
  expect(host('ip -6 addr show dev docker0')).toContain('fd61::5/64');
  expect(host('iptables -t nat -S POSTROUTING')).not.toContain('-s 10.62.0.0/24');
});
