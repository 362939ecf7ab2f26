/**
 * Each call of a network and IPAM driver fails in each way: nothing is left of it on either side, what is asked next
 * works, and other requests do not wait. `SEAWAY_FAULTS=all` tries every pair, else one way for each call.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { networkPlugin } from '../plugins/network-plugin.ts';
import { type Fault, faultKinds } from '../plugins/plugin-server.ts';
import { soon } from './commands.ts';
import { openTestEngine } from './engine.ts';

const deadline = 1;
const engine = openTestEngine({ flags: ['--plugin-timeout', String(deadline)], idle: true });
const folder = join(engine.folder, 'plugins');
const plugin = networkPlugin({
  path: join(folder, 'faulty.sock'),
  ip: (...args) => void engine.rig.run('host', 'ip', ...args),
});
const { server, state } = plugin;

/** They are asked once after each start of the plugin. */
const greetings = ['Plugin.Activate', 'NetworkDriver.GetCapabilities', 'IpamDriver.GetCapabilities'];
const methods = [
  ...greetings,
  ...['GetDefaultAddressSpaces', 'RequestPool', 'RequestAddress', 'ReleaseAddress', 'ReleasePool'].map(
    (name) => `IpamDriver.${name}`,
  ),
  ...['CreateNetwork', 'DeleteNetwork', 'CreateEndpoint', 'EndpointOperInfo', 'DeleteEndpoint'].map(
    (name) => `NetworkDriver.${name}`,
  ),
  ...['Join', 'Leave', 'ProgramExternalConnectivity', 'RevokeExternalConnectivity'].map(
    (name) => `NetworkDriver.${name}`,
  ),
];

const every = process.env.SEAWAY_FAULTS === 'all';
const kinds: readonly Fault[] = [...faultKinds, 'late'];
const pairs = methods.flatMap((method, at): (readonly [string, Fault])[] => {
  const wanted = every ? kinds : kinds.filter((_, kind) => kind === at % kinds.length);
  return wanted.map((kind) => [method, kind] as const);
});
/** Calls in whose middle the engine is killed. */
const killedIn = every
  ? methods
  : ['CreateNetwork', 'CreateEndpoint', 'Join'].map((name) => `NetworkDriver.${name}`);

interface Info {
  readonly Degraded?: readonly { readonly Subject: string; readonly Error: string }[];
}

const degraded = async (): Promise<readonly string[]> =>
  (((await engine.api('GET', '/info')).json as Info).Degraded ?? []).map(({ Subject }) => Subject);

const body = (value: object) => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});

/** A life of a network and a container, whatever comes of each step. */
async function live(): Promise<void> {
  const IPAM = { Driver: 'faulty', Config: [] };
  await engine.api('POST', '/networks/create', body({ Name: 'net', Driver: 'faulty', IPAM }));
  const container = {
    Image: 'busybox',
    Cmd: ['sleep', '1000'],
    HostConfig: { NetworkMode: 'net' },
  };
  await engine.api('POST', '/containers/create?name=web', body(container));
  await engine.api('POST', '/containers/web/start');
  await engine.api('DELETE', '/containers/web?force=1');
  await engine.api('DELETE', '/networks/net');
}

/** How long other requests have waited meanwhile, in milliseconds: half of them no longer than that. */
async function whileAsking(task: Promise<unknown>): Promise<number> {
  let isDone = false;
  const done = task.finally(() => {
    isDone = true;
  });
  const waits: number[] = [];
  while (!isDone) {
    const start = Date.now();
    await engine.api('GET', '/networks');
    waits.push(Date.now() - start);
    await sleep(20);
  }
  await done;
  return waits.toSorted((a, b) => a - b)[Math.floor(waits.length / 2)] ?? 0;
}

/** What there is of it on the plugin's side. */
const leftWithPlugin = (): readonly string[] =>
  Object.entries(state).flatMap(([kind, of]) =>
    of.size > 0 ? [`${kind}: ${[...of.keys()].join(' ')}`] : [],
  );

const linksLeft = (): readonly string[] =>
  engine.rig.run('host', 'ip', '-o', 'link').match(/\b(np-|nh|nc)[0-9a-f]{9}/g) ?? [];

async function isGone(): Promise<void> {
  const found = async () => [...leftWithPlugin(), ...linksLeft(), ...(await degraded())];
  await soon(async () => (await found()).length === 0, 20_000);
  expect(await found(), engine.log()).toEqual([]);
}

async function meetAgain(): Promise<void> {
  await server.stop();
  await server.start();
}

/** The protocol has no name for a pool whose answer was lost: nobody can ask for it back. */
function forgetLostPools(method: string): void {
  if (method === 'IpamDriver.RequestPool') state.pools.clear();
}

/** What is left after the fault can be removed, and all of it works now. */
async function worksAgain(): Promise<void> {
  for (const path of ['/containers/web?force=1', '/networks/net']) {
    const { status } = await engine.api('DELETE', path);
    expect([204, 404], path).toContain(status);
  }
  await isGone();
}

beforeAll(async () => {
  await server.start();
  await engine.start(['--plugin-folder', folder]);
});
afterAll(() => server.stop());

test('without a fault nothing is left', async () => {
  await live();
  await isGone();
  expect(server.methods()).toContain('NetworkDriver.Leave');
});

describe('a call that fails', { timeout: 60_000 }, () => {
  test.each(pairs)('%s: %s', async (method, kind) => {
    if (greetings.includes(method)) await meetAgain();
    server.faults.set(method, kind);
    // a request that waited for the plugin would take as long as the deadline
    expect(await whileAsking(live())).toBeLessThan(100);
    server.faults.clear();
    forgetLostPools(method);
    if (kind === 'killed') await server.start();
    await worksAgain();
  });
});

describe('an engine that is killed in the middle of a call', { timeout: 60_000 }, () => {
  test.each(killedIn)('%s', async (method) => {
    if (greetings.includes(method)) await meetAgain();
    server.faults.set(method, 'late');
    const before = server.calls.length;
    const life = live().catch(() => undefined);
    await soon(() => server.methods().slice(before).includes(method), 20_000);
    await engine.kill();
    await life;
    server.faults.clear();
    forgetLostPools(method);
    await engine.start(['--plugin-folder', folder]);
    await worksAgain();
  });
});

test('a network stays while a plugin is asked for an endpoint on it', { timeout: 60_000 }, async () => {
  await engine.docker('network', 'create', '-d', 'faulty', '--ipam-driver', 'faulty', 'net');
  server.faults.set('NetworkDriver.Join', 'hang');
  const before = server.calls.length;
  const starting = engine.tryDocker(['run', '--name', 'web', '--network', 'net', 'busybox', 'true']);
  await soon(() => server.methods().slice(before).includes('NetworkDriver.Join'), 20_000);
  const refused = await engine.api('DELETE', '/networks/net');
  expect([refused.status, refused.text]).toEqual([
    403,
    expect.stringContaining('has active endpoints (name:'),
  ]);
  await starting;
  server.faults.clear();
  await worksAgain();
});

test('a plugin that is away holds nothing up, is named, and is asked when it is back', {
  timeout: 60_000,
}, async () => {
  const IPAM = { Driver: 'faulty', Config: [] };
  await engine.docker('network', 'create', '-d', 'faulty', '--ipam-driver', IPAM.Driver, 'net');
  await engine.docker(
    'run',
    '-d',
    '--name',
    'web',
    '--restart',
    'always',
    '--network',
    'net',
    'busybox',
    'sleep',
    '1000',
  );
  await server.stop();
  await engine.kill();
  await engine.on('host', 'true');
  await engine.start(['--plugin-folder', folder]);
  await soon(async () => (await degraded()).includes('network net'), 5000);
  expect(await degraded()).toContain('network net');
  // it runs as before, and goes without the plugin
  expect(await engine.docker('inspect', '-f', '{{.State.Running}}', 'web')).toBe('true');
  expect(await engine.docker('run', '--rm', 'busybox', 'echo', 'other')).toBe('other');
  expect((await engine.tryDocker(['run', '--rm', '--network', 'net', 'busybox', 'true'])).stderr).toMatch(
    /plugin "faulty" not found/,
  );
  await engine.docker('rm', '-f', 'web');
  await engine.docker('network', 'rm', 'net');
  await soon(async () => (await degraded()).includes('plugin faulty'), 5000);
  expect(await degraded()).toEqual(['plugin faulty']);
  await server.start();
  await isGone();
});
