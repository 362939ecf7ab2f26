/** Sockets that wait in a namespace: /proc/net/{tcp,udp}, which every kernel has (proc(5)). */
import type { Namespace } from '../kernel.ts';
import { addressText } from '../netlink/inet.ts';
import { readProcNet } from '../netns/proc-net.ts';
import type { ListeningSocket } from './contract.ts';

const files = [
  ['tcp', 'tcp'],
  ['tcp', 'tcp6'],
  ['udp', 'udp'],
  ['udp', 'udp6'],
] as const;

/** A kernel without IPv6 has no files of it. */
export async function listening(namespace: Namespace): Promise<readonly ListeningSocket[]> {
  const texts = files.map(async ([protocol, file]) =>
    parseListening(protocol, await readProcNet(namespace, file)),
  );
  return (await Promise.all(texts)).flat();
}

/** TCP_LISTEN, and TCP_CLOSE for UDP sockets that are not connected (linux/tcp_states.h). */
const states = { tcp: '0A', udp: '07' } as const;

/** A line: `0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 ...`; the last number is hexadecimal and counts what waits. */
export function parseListening(protocol: 'tcp' | 'udp', text: string): readonly ListeningSocket[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [, local = '', , state, queues = '', , , , , inode] = fields;
    const [hex = '', port = ''] = local.split(':');
    if (state !== states[protocol]) return [];
    const waiting = protocol === 'tcp' ? Number.parseInt(queues.split(':')[1] ?? '0', 16) : 0;
    return [
      {
        ...{ protocol, address: addressText(bytesOf(hex)), port: Number.parseInt(port, 16) },
        ...{ waiting, inode: Number(inode) },
      },
    ];
  });
}

/** Words of 32 bits in the machine's order. */
function bytesOf(hex: string): Uint8Array {
  const bytes = Buffer.from(hex, 'hex');
  return Uint8Array.from(bytes, (_, at) => bytes[at - (at % 4) + 3 - (at % 4)] ?? 0);
}
