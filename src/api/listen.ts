/** Where the API listens: unix sockets, TCP on this machine's own addresses, sockets handed over. */
import { chmodSync, chownSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { answers } from '../engine/answers.ts';
import { fail } from '../errors.ts';

/** `unix:///run/x.sock`, `tcp://127.0.0.1:2375`, `fd://` (all that were handed over) or `fd://3`. */
export type ListenAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'descriptor'; readonly fd: number };

const loopback = /^(127\.[0-9.]+|localhost|\[::1\])$/;

/** The sockets of `fd://` among those that systemd has passed. Throws CONFIG_INVALID in Docker's words. */
function handedOver(asked: string, sockets: readonly number[]): readonly ListenAddress[] {
  if (sockets.length === 0)
    throw fail(
      'CONFIG_INVALID',
      'no sockets found via socket activation: make sure the service was started by systemd',
    );
  if (asked === '' || asked === '*') return sockets.map((fd) => ({ kind: 'descriptor', fd }));
  const fd = sockets.find((each) => String(each) === asked);
  if (fd === undefined)
    throw fail('CONFIG_INVALID', `failed to listen on fd://${asked}: no such socket was handed over`);
  return [{ kind: 'descriptor', fd }];
}

/** The places of a `--host` value. Throws as `parseHost`. */
export function listenAddresses(host: string, sockets: readonly number[]): readonly ListenAddress[] {
  return host.startsWith('fd://') ? handedOver(host.slice('fd://'.length), sockets) : [parseHost(host)];
}

/** Parses a `--host` value. Throws CONFIG_INVALID, or NOT_SUPPORTED for addresses that the network can reach. */
export function parseHost(host: string): ListenAddress {
  if (host.startsWith('unix://')) {
    const path = host.slice('unix://'.length);
    if (path.startsWith('/')) return { kind: 'unix', path };
  }
  const [, name = '', port = ''] = /^tcp:\/\/([^/]*):([0-9]{1,5})\/?$/.exec(host) ?? [];
  if (port === '')
    throw fail('CONFIG_INVALID', `invalid bind address (${host}): unix:///PATH or tcp://IP:PORT`);
  if (!loopback.test(name)) {
    throw fail('NOT_SUPPORTED', `listening on ${host} without TLS (only loopback addresses are allowed)`);
  }
  return { kind: 'tcp', host: name.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** Make room for a socket: a stale one is removed, a live one or another file is an error. */
async function clear(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isSocket()) throw fail('CONFIG_INVALID', `cannot listen on ${path}: a file is in the way`);
  if (await answers(path)) {
    throw fail('CONFIG_INVALID', `cannot listen on ${path}: another engine answers on that socket`);
  }
  rmSync(path, { force: true });
}

/** Group id by name or number, from /etc/group; undefined when there is no such group. */
export function groupId(group: string, table: string): number | undefined {
  if (/^[0-9]+$/.test(group)) return Number(group);
  const line = table.split('\n').find((entry) => entry.startsWith(`${group}:`));
  const id = line?.split(':')[2];
  return id === undefined ? undefined : Number(id);
}

/** Only root and the group may write to the socket, which makes them root on this machine. */
function protect(path: string, group: string): void {
  chmodSync(path, 0o660);
  const gid = group === '' ? undefined : groupId(group, readFileSync('/etc/group', 'utf8'));
  if (gid !== undefined) chownSync(path, 0, gid);
}

function bind(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(fail('CONFIG_INVALID', `cannot listen: ${error.message}`));
    server.once('error', refused);
    const ready = (): void => {
      server.removeListener('error', refused);
      resolve();
    };
    if (address.kind === 'tcp') server.listen(address.port, address.host, ready);
    else if (address.kind === 'descriptor') server.listen({ fd: address.fd }, ready);
    else server.listen(address.path, ready);
  });
}

/** Bind a server. Unix sockets are mode 0660 from their first moment. */
export async function listenOn(
  server: Server,
  address: ListenAddress,
  options: { group: string },
): Promise<void> {
  if (address.kind !== 'unix') return await bind(server, address);
  await clear(address.path);
  const mask = process.umask(0o117);
  const bound = bind(server, address); // binds before it returns; the mask need not outlive this line
  process.umask(mask);
  await bound;
  try {
    protect(address.path, options.group);
  } catch (thrown) {
    await stopListening(server, address);
    throw thrown;
  }
}

/** Stops listening and removes the socket file. Resolves when all connections are closed. */
export async function stopListening(server: Server, address: ListenAddress): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  if (address.kind === 'unix') rmSync(address.path, { force: true });
  await closed;
}
