/** What of this host is in the way of a swarm: ports that others have, and marks, tables and addresses of the routing mesh. */
import { createSocket } from 'node:dgram';
import { readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { fail } from '../../errors.ts';
import { type Namespace, type RouteSocket, seawayProtocol } from '../../kernel/kernel.ts';
import { readProcNet } from '../../kernel/netns/proc-net.ts';
import { meshLink, meshMask, meshPriority, meshRange, meshTable, mostNodes } from '../../model/mesh.ts';
import { contains, parseAddress, parseCidr } from '../../net/address.ts';
import { hasErrno } from '../../system-error.ts';

export interface WantedPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Where a program of TCP is to listen; absent: anywhere. */
  readonly host?: string;
  readonly what: string;
}

/** Milliseconds for a look at who has a port, process by process. */
const limit = 10_000;

/** Throws SWARM_PORT with the name of the program. A port that the kernel itself has, such as VXLAN's, is shared. */
export async function refuseTakenPorts(
  host: Pick<Namespace, 'inside'>,
  wanted: readonly WantedPort[],
): Promise<void> {
  for (const one of wanted) {
    if (await isFree(one)) continue;
    const owner = await ownerOf(host, one);
    if (owner) throw fail('SWARM_PORT', `${one.protocol} :${one.port}`, owner, one.what);
  }
}

/** What else is wrong with an address is said where it is used. */
const isFree = ({ protocol, port, host }: WantedPort): Promise<boolean> =>
  protocol === 'tcp' ? isTcpFree(port, host) : isUdpFree(port);

async function isTcpFree(port: number, host: string | undefined): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', (error) => resolve(!hasErrno(error, 'EADDRINUSE')));
  server.listen({ port, exclusive: true, ...(host && { host }) }, () => server.close(() => resolve(true)));
  return promise;
}

async function isUdpFree(port: number): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: false });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('error', (error) => {
    socket.close();
    resolve(!hasErrno(error, 'EADDRINUSE'));
  });
  socket.bind({ port, exclusive: true }, () => socket.close(() => resolve(true)));
  return promise;
}

/** `NAME (process PID)`; '' where no process has it. */
async function ownerOf(host: Pick<Namespace, 'inside'>, { protocol, port }: WantedPort): Promise<string> {
  const texts = await Promise.all([protocol, `${protocol}6`].map((file) => readProcNet(host, file)));
  const sockets = new Set(texts.flatMap((text) => inodesOf(text, port)));
  const here = namespaceOf('self');
  const end = performance.now() + limit;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    await setImmediate();
    if (performance.now() > end) return 'a program';
    if (namespaceOf(pid) !== here || !hasAny(pid, sockets)) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    return `${name.trim() || 'a program'} (process ${pid})`;
  }
  return '';
}

/** Of the network; '' for a process that has ended. */
function namespaceOf(pid: string): string {
  return targetOf(`/proc/${pid}/ns/net`);
}

/** Of sockets that are bound to the port, as /proc/net has them: `sl local remote st ... inode`. */
export const inodesOf = (text: string, port: number): readonly string[] =>
  text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const isBound = local.endsWith(`:${port.toString(16).toUpperCase().padStart(4, '0')}`);
      // an established connection of TCP has the port, and does not hold it
      return isBound && (state === '0A' || state === '07') && inode !== '' ? [`socket:[${inode}]`] : [];
    });

function hasAny(pid: string, sockets: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((name) => sockets.has(targetOf(`${folder}/${name}`)));
  } catch {
    // it has ended
    return false;
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // it was closed
    return '';
  }
}

const [firstTable, lastTable] = [meshTable(1), meshTable(mostNodes)];
const hex = (value: number): string => `0x${value.toString(16)}`;

/** Rules and addresses of other programs where the routing mesh has its own. */
export function meshWarnings(
  route: Pick<RouteSocket, 'listRules' | 'listLinks' | 'listAddresses'>,
): readonly string[] {
  const rules = route.listRules().filter(({ protocol }) => protocol !== seawayProtocol);
  const marked = rules.filter(({ mask }) => (mask & meshMask) >>> 0 !== 0);
  const placed = rules.filter(
    ({ priority, table }) => priority === meshPriority || (table >= firstTable && table <= lastTable),
  );
  const own = route.listLinks().find(({ name }) => name === meshLink)?.index;
  const within = route
    .listAddresses()
    .filter(({ link, address }) => link !== own && isOfMesh(address.split('/')[0] ?? ''));
  return [
    ...unique(
      marked,
      ({ mark, mask, priority }) =>
        `a routing rule of another program (priority ${priority}, fwmark ${hex(mark)}/${hex(mask)}) looks at bits of packet marks that the routing mesh sets (${hex(meshMask)})`,
    ),
    ...unique(
      placed,
      ({ priority, table }) =>
        `a routing rule of another program (priority ${priority}, table ${table}) is where the routing mesh has its own (priority ${meshPriority}, tables ${firstTable} to ${lastTable})`,
    ),
    ...within.map(({ address }) => `address ${address} of this host is of the routing mesh's ${meshRange}`),
  ].map((text) => `WARNING: ${text}`);
}

const unique = <T>(all: readonly T[], text: (one: T) => string): readonly string[] => [
  ...new Set(all.map(text)),
];

const isOfMesh = (address: string): boolean =>
  !address.includes(':') && contains(parseCidr(meshRange), parseAddress(address));
