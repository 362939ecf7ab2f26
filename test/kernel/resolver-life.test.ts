import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it, vi } from 'vitest';
import type { NameRecords } from '../../src/names/records.ts';
import { createLogger } from '../../src/observe/logger.ts';
import {
  connectResolver,
  type ResolverClient,
  type ResolverClientOptions,
} from '../../src/resolver/client.ts';
import { connect } from '../../src/resolver/connection.ts';
import { inboxName } from '../../src/resolver/inbox.ts';
import { findResolver, startResolver } from '../../src/resolver/launch.ts';
import { socketName } from '../../src/resolver/protocol.ts';
import { openStore } from '../../src/store/store.ts';
import { addressesOf, openAsker } from './dns-asker.ts';
import { openResolverRig, runs, until } from './resolver-rig.ts';
import { openRig } from './rig.ts';

// several resolvers are started in a row, each for seconds on a busy machine
vi.setConfig({ testTimeout: 90_000 });

const rig = openRig();
const kernel = rig.kernel();
const world = openResolverRig(rig);
const root = fileURLToPath(new URL('../..', import.meta.url));
const quiet = createLogger('error', () => {});

const program = (tree: string): readonly string[] => [
  process.execPath,
  join(tree, 'src/main/seaway-resolver.ts'),
];

/** Of an engine without sandboxes. */
const noRecords: NameRecords = {
  lookup: () => [],
  reverse: () => undefined,
  sandbox: () => undefined,
  sandboxes: () => [],
  refresh: () => 0,
  close: () => {},
};

const endings: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A folder for a separate resolver, with places for its store and its sockets. Gone at the end. */
function openFolder(): { readonly folder: string; readonly state: string; readonly run: string } {
  const folder = mkdtempSync(join(tmpdir(), 'seaway-life-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, state: join(folder, 'state'), run: join(folder, 'run') };
}

/** A client whose resolver is ended at the end, if it was not before. */
function openClient(
  options: Omit<ResolverClientOptions, 'logger' | 'kernel' | 'records'>,
  records = noRecords,
): ResolverClient {
  const client = connectResolver({ ...options, logger: quiet, kernel, records });
  endings.push(() => client.stop());
  return client;
}

it('many sandboxes are ensured at once, by one process', async () => {
  await world.name('s1', ['s1'], '172.18.0.2');
  const paths = await Promise.all(Array.from({ length: 8 }, (_, i) => world.addSandbox(`many${i}`)));
  for (const path of paths)
    expect(addressesOf(await openAsker(kernel, path).ask({ name: 's1' }))).toEqual(['172.18.0.2']);
  expect((await world.client.status()).sandboxes).toHaveLength(8);
});

it('a sandbox that is not in the store is refused by name', async () => {
  await expect(world.client.ensure('nobody')).rejects.toThrow(/no sandbox nobody/);
});

it('a resolver that was killed is started again and serves what the store has', async () => {
  const path = await world.addSandbox('survivor');
  const { pid } = await world.client.status();
  process.kill(pid, 'SIGKILL');
  await until(
    'another one listens',
    () => readFileSync(join(world.run, 'resolver.pid'), 'utf8').trim() !== `${pid}`,
  );
  const again = await world.client.status();
  expect(again.pid).not.toBe(pid);
  expect(again.sandboxes).toContain('survivor');
  expect(addressesOf(await openAsker(kernel, path).ask({ name: 's1' }))).toEqual(['172.18.0.2']);
});

it('a resolver that hangs is killed, and another one serves what the store has', async () => {
  const { pid } = await world.client.status();
  const before = world.client.restarts();
  process.kill(pid, 'SIGSTOP');
  await world.client.ensure('survivor');
  expect((await world.client.status()).sandboxes).toContain('survivor');
  expect(world.client.restarts()).toBeGreaterThan(before);
  expect(runs(pid)).toBe(false);
});

it('a request that is under way while the resolver dies is asked of the next one', async () => {
  const { pid } = await world.client.status();
  process.kill(pid, 'SIGKILL');
  await world.client.ensure('survivor');
  expect((await world.client.status()).sandboxes).toContain('survivor');
});

it('in a forgotten sandbox nobody answers, until it is ensured again', async () => {
  const path = await world.addSandbox('left');
  await world.client.forget('left');
  const query = Buffer.from('000701000001000000000000027331000001 0001'.replace(' ', ''), 'hex');
  expect(await openAsker(kernel, path).send(query, 300)).toBeUndefined();
  await world.client.ensure('left');
  expect(await openAsker(kernel, path).send(query, 25_000)).toBeDefined();
});

it('ensuring again puts rules back that somebody took away', async () => {
  const path = await world.addSandbox('flushed');
  rig.run(path, 'nft', 'flush', 'ruleset');
  await world.client.ensure('flushed');
  expect((await openAsker(kernel, path).ask({ name: 's1' })).count).toBe(1);
});

it('a sandbox whose namespace is gone is dropped', async () => {
  const path = await world.addSandbox('gone');
  await kernel.removeNamespace(path);
  let sandboxes: readonly string[] = ['gone'];
  await until('it is dropped', () => {
    void world.client.status().then((status) => {
      sandboxes = status.sandboxes;
    });
    return !sandboxes.includes('gone');
  });
});

it('another client finds the resolver that runs, and letting go of it leaves it running', async () => {
  const { pid } = await world.client.status();
  const other = connectResolver({
    run: world.run,
    state: join(world.run, '../state'),
    launcher: ['false'],
    logger: quiet,
    kernel,
    records: world.store.names(),
  });
  expect((await other.status()).pid).toBe(pid);
  other.close();
  expect(runs(pid)).toBe(true);
});

it('a resolver of another version is replaced', async () => {
  const { folder, state, run } = openFolder();
  cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'src/version.ts'), "export const version = '0.0.1';\n");
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  await openStore(state).close();
  const first = openClient({ run, state, launcher: program(folder) });
  await first.start();
  first.close();
  const old = Number(readFileSync(join(run, 'resolver.pid'), 'utf8'));
  const second = openClient({ run, state, launcher: program(root) });
  const { pid } = await second.status();
  expect(pid).not.toBe(old);
  await until('the old one has ended', () => !runs(old));
  await second.stop();
  await until('the new one has ended', () => !runs(pid));
});

it('a stop while it is being started leaves none', async () => {
  const { state, run } = openFolder();
  await openStore(state).close();
  const client = openClient({ run, state, launcher: program(root) });
  const starting = client.start();
  await client.stop();
  await starting;
  expect(existsSync(join(run, 'resolver.pid'))).toBe(false);
});

it('a resolver ends by itself when its run folder is removed', async () => {
  const { state, run } = openFolder();
  await openStore(state).close();
  const client = openClient({ run, state, launcher: program(root) });
  const { pid } = await client.status();
  client.close();
  rmSync(run, { recursive: true });
  await until('it has ended', () => !runs(pid));
});

it('a resolver whose store is another one now gives way to one that reads it', async () => {
  const { state, run } = openFolder();
  const client = openClient({ run, state, launcher: program(root) });
  await openStore(state).close();
  const { pid } = await client.status();
  rmSync(state, { recursive: true });
  const store = openStore(state);
  endings.push(() => store.close());
  const path = rig.path('renewed');
  kernel.createNamespace(path);
  const empty = { networks: [], privateNames: {}, servers: [], forward: false, fixed: {} };
  const put = { sandboxId: 'r', path, ...empty };
  await store.commit([], { names: [], sandboxes: [{ id: 'r', put }] });
  await openClient({ run, state, launcher: program(root) }, store.names()).ensure('r');
  expect((await client.status()).pid).not.toBe(pid);
});

it('a resolver whose store was put aside is replaced by the next engine', async () => {
  const { folder, state, run } = openFolder();
  await openStore(state).close();
  const before = openClient({ run, state, launcher: program(root) });
  const { pid } = await before.status();
  before.close();
  renameSync(join(state, 'data.mdb'), join(folder, 'aside'));
  await openStore(state).close();
  expect((await openClient({ run, state, launcher: program(root) }).status()).pid).not.toBe(pid);
});

it('a resolver ends by itself when the socket for descriptors is removed', async () => {
  const { state, run } = openFolder();
  await openStore(state).close();
  const client = openClient({ run, state, launcher: program(root) });
  const { pid } = await client.status();
  client.close();
  rmSync(join(run, inboxName));
  await until('it has ended', () => !runs(pid));
});

it('a program that does not start is reported with what it said', async () => {
  const { state, run } = openFolder();
  const launcher = ['sh', '-c', 'echo no luck >&2; exit 3', 'sh'];
  await expect(openClient({ run, state, launcher }).status()).rejects.toThrow(/ended with 3: no luck/);
});

it('a program that does not listen in time is ended', async () => {
  const { state, run, folder } = openFolder();
  const pidFile = join(folder, 'pid');
  const launcher = [
    'sh',
    '-c',
    `echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 600`,
    'sh',
  ];
  const starting = startResolver({ run, state, launcher, patience: 8000 });
  await expect(starting).rejects.toThrow('it does not listen');
  const pid = Number(readFileSync(pidFile, 'utf8'));
  await until('it has ended', () => !runs(pid));
});

it('one that hangs with a full queue of connections is ended, or replaced', async () => {
  const { state, run } = openFolder();
  await openStore(state).close();
  const hung = async (): Promise<number> => {
    const client = openClient({ run, state, launcher: program(root) });
    const { pid } = await client.status();
    client.close();
    process.kill(pid, 'SIGSTOP');
    const socket = join(run, socketName);
    const fill = async (): Promise<void> => (await connect(socket)).close();
    await expect(
      (async () => {
        for (let tries = 0; tries < 10_000; tries += 1) await fill();
      })(),
    ).rejects.toThrow('EAGAIN');
    return pid;
  };
  const first = await hung();
  await expect(findResolver(run)).rejects.toThrow('the connection to the resolver is lost');
  const next = openClient({ run, state, launcher: program(root) });
  expect((await next.status()).pid).not.toBe(first);
  expect(runs(first)).toBe(false);
  next.close();
  const second = await hung();
  await openClient({ run, state, launcher: ['false'] }).stop();
  await until('it has ended', () => !runs(second));
});
