/**
 * The sockets by which one sandbox is served. The engine opens them inside its namespace and hands them to the
 * resolver, which has no right to enter namespaces: those that it listens on, and some to ask the sandbox's own
 * servers through, enough for it to go on while there is no engine.
 */
import { isIP } from 'node:net';
import { closeDescriptor } from '../kernel/descriptors.ts';
import { openBoundTcp, openBoundUdp, openUpstream } from '../kernel/dns-sockets.ts';
import type { Namespace } from '../kernel/kernel.ts';
import type { SandboxNames } from '../names/records.ts';
import { resolverAddress } from '../names/resolv-conf.ts';
import { serversOf } from './host-servers.ts';

/** What a socket is for: `listen-udp`, `ask-tcp-6`. */
export type SocketUse = `listen-${Transport}` | `ask-${Transport}-${Family}` | 'relay';
type Transport = 'udp' | 'tcp';
type Family = 4 | 6;

const transports: readonly Transport[] = ['udp', 'tcp'];
const families: readonly Family[] = [4, 6];

/** For each server: the one that is used, and the one before, whose last questions still wait. */
const udpForEach = 2;
/** Connections to the sandbox's own servers at a time, for each family. */
const tcpForAll = 4;

/** The uses of all sockets that a sandbox needs. */
export function socketUses({ servers }: SandboxNames): readonly SocketUse[] {
  const asked = serversOf(servers).addresses;
  return [
    ...transports.map((transport): SocketUse => `listen-${transport}`),
    ...families.flatMap((family) => {
      const count = asked.filter((server) => isIP(server) === family).length;
      return [
        ...Array.from({ length: count * udpForEach }, (): SocketUse => `ask-udp-${family}`),
        ...Array.from({ length: count > 0 ? tcpForAll : 0 }, (): SocketUse => `ask-tcp-${family}`),
      ];
    }),
  ];
}

/** Open them; the descriptors are the caller's to close. Errors: KERNEL. */
export function openSockets(namespace: Namespace, uses: readonly SocketUse[]): readonly number[] {
  const opened: number[] = [];
  try {
    namespace.inside(() => {
      for (const use of uses) opened.push(openFor(use));
    });
    return opened;
  } catch (error) {
    for (const fd of opened) closeDescriptor(fd);
    throw error;
  }
}

function openFor(use: SocketUse): number {
  const [what, transport, family] = use.split('-');
  if (what === 'listen')
    return transport === 'udp' ? openBoundUdp(resolverAddress) : openBoundTcp(resolverAddress);
  return openUpstream(transport === 'udp' ? 'udp' : 'tcp', family === '6' ? 6 : 4);
}
