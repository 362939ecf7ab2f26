/** Networks and addresses of plugins, as users see them; plugins that lie, that forget, and that want more. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { networkPlugin } from '../plugins/network-plugin.ts';
import { soon } from './commands.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine({ idle: true });
const folder = join(engine.folder, 'plugins');
const ip = (...args: readonly string[]): void => void engine.rig.run('host', 'ip', ...args);
const at = (name: string) => ({ path: join(folder, `${name}.sock`), ip });
const plain = networkPlugin(at('plain'));
const wanting = networkPlugin({
  ...at('wanting'),
  requiresMac: true,
  requiresReplay: true,
  checksGateways: true,
  octet: 78,
});
const far = networkPlugin({ ...at('far'), scope: 'global' });
const all = [plain, wanting, far];

const docker = (line: string): Promise<string> => engine.docker(...line.split(' '));
const fails = async (line: string): Promise<string> => (await engine.tryDocker(line.split(' '))).stderr;
const inside = (name: string, line: string): Promise<string> => docker(`exec ${name} ${line}`);
const start = (name: string, flags: string): Promise<string> =>
  docker(`run -d --name ${name} ${flags} busybox sleep 1000`);
const sizes = ({ state }: typeof plain) =>
  Object.fromEntries(Object.entries(state).map(([kind, of]) => [kind, of.size]));
const nothing = { networks: 0, endpoints: 0, joined: 0, open: 0, pools: 0 };

beforeAll(async () => {
  await Promise.all(all.map(({ server }) => server.start()));
  engine.patience = 60_000;
  await engine.start(['--plugin-folder', folder]);
});
afterAll(() => Promise.all(all.map(({ server }) => server.stop())));
beforeEach(() => {
  for (const { answers } of all)
    for (const key of Object.keys(answers)) delete answers[key as keyof typeof answers];
});

describe('a network of a plugin', { timeout: 60_000 }, () => {
  test('names interfaces, routes and gateways as its driver says, beside networks of the engine', async () => {
    plain.answers.join = {
      Gateway: '10.44.0.1',
      StaticRoutes: [
        { Destination: '203.0.113.0/24', RouteType: 0, NextHop: '10.44.0.1' },
        { Destination: '192.0.2.0/24', RouteType: 1 },
      ],
    };
    await docker('network create -d plain --subnet 10.44.0.0/16 net');
    await docker('network create own');
    await start('aa', '--network own');
    await start('bb', '--network net --network own');
    const routes = await inside('bb', 'ip route');
    expect(routes).toContain('default via 10.44.0.1 dev np0');
    expect(routes).toContain('203.0.113.0/24 via 10.44.0.1 dev np0');
    expect(routes).toMatch(/192\.0\.2\.0\/24 dev np0 scope link/);
    expect(await inside('bb', 'ping -c1 -W2 aa')).toContain(' 0% packet loss');
    await start('cc', '--network net');
    expect(await inside('cc', 'ping -c1 -W2 bb')).toContain(' 0% packet loss');
    expect(await docker('inspect -f {{.NetworkSettings.Networks.net.Gateway}} bb')).toBe('10.44.0.1');
    const { json } = await engine.api('GET', '/networks/net?verbose=true');
    const members = Object.values((json as { Containers: Record<string, { Info?: object }> }).Containers);
    expect(members[0]?.Info).toEqual({ 'driven.by': 'test' });
    await docker('rm -f aa bb cc');
    await docker('network rm net own');
    expect(sizes(plain)).toEqual(nothing);
  });

  test('whose driver does not tell of an endpoint: the container runs all the same', async () => {
    plain.server.faults.set('NetworkDriver.EndpointOperInfo', 'hang');
    await docker('network create -d plain --subnet 10.44.0.0/16 net');
    const begun = performance.now();
    await start('aa', '--network net');
    expect(await docker('inspect -f {{.State.Status}} aa')).toBe('running');
    // a call may take ten seconds
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(plain.server.methods()).toContain('NetworkDriver.EndpointOperInfo');
    plain.server.faults.clear();
    await docker('rm -f aa');
    await docker('network rm net');
    expect(sizes(plain)).toEqual(nothing);
  });

  test('whose driver names the interface itself, and wants no way out', async () => {
    plain.answers.join = { Gateway: '', DisableGatewayService: true };
    await docker('network create -d plain --subnet 10.44.0.0/16 net');
    await start('aa', '--network net');
    expect(await inside('aa', 'ip route')).toBe('10.44.0.0/16 dev np0 scope link  src 10.44.0.2');
    await docker('rm -f aa');
    const [bare] = [...plain.state.networks.keys()];
    expect(bare).toBeDefined();
    plain.answers.join = { Gateway: '' };
    await start('aa', '--network net -p 8099:80');
    expect(await inside('aa', 'ip route')).toContain('default via');
    expect(await docker('port aa')).toBe('80/tcp -> 0.0.0.0:8099\n80/tcp -> [::]:8099');
    expect(await docker('network ls --format {{.Name}}')).toContain('docker_gwbridge');
    await docker('rm -f aa');
    await docker('network rm net docker_gwbridge');
  });

  test('a driver of global scope needs a cluster', async () => {
    expect(await fails('network create -d far net')).toContain(
      'networks of the driver "far" have global scope',
    );
  });

  test('a plugin that is no such driver, and a name that is no plugin', async () => {
    expect(await fails('network create -d ../plain net')).toContain('plugin "../plain" not found');
    expect(await fails('network create --ipam-driver nowhere net')).toContain('plugin "nowhere" not found');
  });
});

describe('a plugin that lies', { timeout: 60_000 }, () => {
  const address = 'IpamDriver.RequestAddress: the address';

  test.each([
    ['an address outside of its pool', '10.99.0.9/24', 'is not in the pool'],
    ['an address that is none', 'somewhere', 'is not in CIDR notation'],
  ])('%s', async (_what, told, message) => {
    await docker('network create --ipam-driver plain net');
    plain.answers.address = told;
    expect(await fails('run --name aa --network net busybox true')).toContain(
      `${address} "${told}" ${message}`,
    );
    await docker('rm -f aa');
    plain.answers.address = '';
    delete plain.answers.address;
    await docker('network rm net');
  });

  test.each([
    [
      'a link that is not there',
      { join: { InterfaceName: { SrcName: 'nowhere', DstPrefix: 'np' } } },
      'nowhere',
    ],
    [
      'a link of the engine',
      { join: { InterfaceName: { SrcName: 'docker0', DstPrefix: 'np' } } },
      'adopt link "docker0": it is the engine’s own',
    ],
    [
      'an address that it was not asked for',
      { interface: { Address: '10.44.0.77/16' } },
      'driver modified interface address',
    ],
  ])('%s', async (_what, told, message) => {
    await docker('network create -d plain --subnet 10.44.0.0/16 net');
    Object.assign(plain.answers, told);
    expect(await fails('run --name aa --network net busybox true')).toContain(message);
    await docker('rm -f aa');
    await docker('network rm net');
    await soon(() => JSON.stringify(sizes(plain)) === JSON.stringify(nothing), 5000);
    expect(sizes(plain)).toEqual(nothing);
  });
});

describe('a plugin that wants more', { timeout: 60_000 }, () => {
  test('MAC addresses before addresses; no gateway', async () => {
    await docker('network create -d wanting --ipam-driver wanting net');
    const config = await engine.docker('network', 'inspect', '-f', '{{json .IPAM.Config}}', 'net');
    expect(config).toBe('[{"Subnet":"10.78.1.0/24"}]');
    await start('aa', '--network net');
    const asked = wanting.server.calls.filter(({ method }) => method === 'IpamDriver.RequestAddress');
    const mac = await docker('inspect -f {{.NetworkSettings.Networks.net.MacAddress}} aa');
    expect(asked.at(-1)?.asked.Options).toEqual({ 'com.docker.network.endpoint.macaddress': mac });
    expect(await inside('aa', 'ip link show np0')).toContain(mac);
  });

  test('what it has given, again after a restart of the engine and of its own', async () => {
    const [pool] = [...wanting.state.pools.values()];
    const used = [...(pool?.used ?? [])];
    expect(used).toHaveLength(1);
    wanting.state.pools.clear();
    await engine.stop();
    await engine.start(['--plugin-folder', folder]);
    const replayed = () => [...wanting.state.pools.values()].flatMap((one) => [...one.used]);
    await soon(() => replayed().length > 0, 5000);
    expect(replayed()).toEqual(used);
    await wanting.server.stop();
    wanting.state.pools.clear();
    await wanting.server.start();
    await soon(() => replayed().length > 0, 5000);
    expect(replayed()).toEqual(used);
    await docker('rm -f aa');
    await docker('network rm net');
    await soon(() => JSON.stringify(sizes(wanting)) === JSON.stringify(nothing), 5000);
    expect(sizes(wanting)).toEqual(nothing);
  });
});

test('a plugin that gives an address twice leaves it to who has it', async () => {
  await docker('network create -d wanting --ipam-driver wanting net');
  await start('aa', '--network net');
  const address = await docker('inspect -f {{.NetworkSettings.Networks.net.IPAddress}} aa');
  wanting.answers.address = `${address}/24`;
  const refused = await fails('run --name bb --network net busybox true');
  delete wanting.answers.address;
  expect(refused).toContain(`the address ${address}/24 is in use by aa`);
  await docker('rm -f bb');
  const used = () => [...wanting.state.pools.values()].flatMap((one) => [...one.used]);
  expect(used()).toContain(address);
  await docker('rm -f aa');
  await docker('network rm net');
  await soon(() => used().length === 0, 5000);
});
