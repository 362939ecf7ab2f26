/**
 * What this project relies on in Node, libuv and the kernel and what no document promises. A failure
 * here after an update of Node means: think again before anything else.
 */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { AF_INET, SOCK_DGRAM, SOCK_STREAM } from '../../src/kernel/ffi/constants.ts';
import * as libc from '../../src/kernel/ffi/libc.ts';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const { host } = kernel;
const TTL = '/proc/sys/net/ipv4/ip_default_ttl';
rig.run('host', 'sysctl', '-qw', 'net.ipv4.ip_default_ttl=99');

/** The namespaces of all threads of this process, the first one being the main thread's. */
async function threadNamespaces(): Promise<string[]> {
  const tasks = (await readdir('/proc/self/task')).map(Number).sort((a, b) => a - b);
  return tasks.map((task) => readlinkSync(`/proc/self/task/${task}/ns/net`));
}

/** Runs a program in a fresh Node: its pool has no thread yet. */
function fresh(program: string): string {
  const libcUrl = new URL('../../src/kernel/ffi/libc.ts', import.meta.url).href;
  const whole = `
    import * as libc from '${libcUrl}';
    import { readFileSync, readlinkSync, readdirSync, stat } from 'node:fs';
    const home = libc.open('/proc/thread-self/ns/net', 0);
    const there = libc.open('${rig.host}', 0);
    const elsewhere = () => {
      const own = readlinkSync('/proc/thread-self/ns/net');
      return readdirSync('/proc/self/task')
        .filter((task) => readlinkSync('/proc/self/task/' + task + '/ns/net') !== own).length;
    };
    const work = () => new Promise((resolve) => stat('/', resolve));
    ${program}`;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', whole], { encoding: 'utf8' });
  expect(done.stderr).toBe('');
  return done.stdout.trim();
}

test('setns changes the main thread only', async () => {
  const before = await threadNamespaces();
  const within = host.inside(() => readlinkSync('/proc/thread-self/ns/net'));
  expect(within).not.toBe(before[0]);
  expect(await threadNamespaces()).toEqual(before);
});

test('synchronous file access inside sees the other namespace, asynchronous access does not', async () => {
  let later: Promise<string> | undefined;
  const now = host.inside(() => {
    later = readFile(TTL, 'utf8');
    return readFileSync(TTL, 'utf8');
  });
  expect(now.trim()).toBe('99');
  expect((await later)?.trim()).not.toBe('99');
});

test('a pool thread that is born inside stays there for good', () => {
  const stayed = fresh(`
    libc.setns(there, 0x40000000);
    const done = work();
    libc.setns(home, 0x40000000);
    await done;
    console.log(elsewhere());`);
  expect(Number(stayed)).toBeGreaterThan(0);
});

test('one asynchronous call starts the whole pool, so that nothing is born inside later', () => {
  const stayed = fresh(`
    stat('/', () => {});
    libc.setns(there, 0x40000000);
    const all = Promise.all(Array.from({ length: 64 }, work));
    libc.setns(home, 0x40000000);
    await all;
    console.log(elsewhere());`);
  expect(stayed).toBe('0');
});

test('an asynchronous FFI call runs on the pool, in the namespace that the pool was born in', async () => {
  const fd = await new Promise<number>((resolve, reject) => {
    host.inside(() => {
      libc.open.async(TTL, 0, (error, result) => (error ? reject(error) : resolve(result)));
    });
  });
  expect(readFileSync(fd, 'utf8').trim()).not.toBe('99');
  libc.close(fd);
});

test('errno of an asynchronous FFI call is there in its callback', async () => {
  const reason = await new Promise((resolve) => {
    libc.open.async('/nowhere/at/all', 0, () => resolve(libc.lastErrno()));
  });
  expect(reason).toBe(2);
});

test('a child lives in the namespace that it was started in', () => {
  const shown = host.inside(() => spawnSync('cat', [TTL], { encoding: 'utf8' }).stdout);
  expect(shown.trim()).toBe('99');
});

test('a UDP socket made inside is served from the main loop', async () => {
  const fd = host.inside(() => libc.socket(AF_INET, SOCK_DGRAM, 0));
  // 127.0.0.1 of the rig, any free port
  const address = Uint8Array.from([AF_INET, 0, 0x50, 0x50, 0, 0, 0, 0, ...new Uint8Array(8)]);
  expect(libc.bind(fd, address, address.length)).toBe(0);
  const socket = createSocket('udp4');
  const heard = new Promise((resolve) => socket.once('message', (data) => resolve(data.toString())));
  await new Promise<void>((resolve) => void socket.bind({ fd }, resolve));
  rig.run('outside', 'bash', '-c', `echo -n hello >/dev/udp/${uplink.address}/${0x5050}`);
  expect(await heard).toBe('hello');
  socket.close();
});

test('a TCP socket made inside is listened on from the main loop', async () => {
  const fd = host.inside(() => libc.socket(AF_INET, SOCK_STREAM, 0));
  const address = Uint8Array.from([AF_INET, 0, 0x50, 0x51, 0, 0, 0, 0, ...new Uint8Array(8)]);
  expect(libc.bind(fd, address, address.length)).toBe(0);
  const server = createServer((socket) => socket.end('served'));
  await new Promise<void>((resolve) => void server.listen({ fd }, resolve));
  const client = rig.start('outside', 'bash', '-c', `cat </dev/tcp/${uplink.address}/${0x5051}`);
  expect(await client.firstLine).toBe('served');
  await new Promise((resolve) => server.close(resolve));
});

test('a netlink socket made inside goes on showing that namespace', () => {
  const { route } = host;
  expect(route.findLink(uplink.name)).toBeDefined();
  const other = kernel.openNamespace(rig.outside);
  expect(other.inside(() => route.findLink(uplink.name))).toBeDefined();
  expect(other.route.findLink(uplink.name)).toBeUndefined();
  other.close();
});
