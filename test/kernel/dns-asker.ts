/** A DNS client in a namespace, for resolver.test.ts. It reads answers by itself, not by the code under test. */
import { createSocket } from 'node:dgram';
import { Socket } from 'node:net';
import { openBoundUdp, openUpstream } from '../../src/kernel/dns-sockets.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { encodeQuery } from '../../src/resolver/encode.ts';
import { framed } from '../../src/resolver/framing.ts';
import { recordType } from '../../src/resolver/message.ts';
import { adoptUdp, noLookup } from '../../src/resolver/origin.ts';

export interface Ask {
  readonly name: string;
  readonly type?: keyof typeof recordType | number;
  readonly tcp?: boolean;
  /** EDNS payload. */
  readonly edns?: number;
}

export interface Answer {
  readonly rcode: number;
  readonly truncated: boolean;
  /** Number of records in the answer section. */
  readonly count: number;
  readonly message: Buffer;
}

export interface Asker {
  ask(question: Ask): Promise<Answer>;
  /** Send any bytes by UDP; the answer, or undefined if there is none within the time (milliseconds). */
  send(message: Buffer, timeout: number): Promise<Buffer | undefined>;
}

const server = '127.0.0.11';
let lastId = 0;

export function openAsker(kernel: Kernel, path: string): Asker {
  const open = (transport: 'udp' | 'tcp'): number => {
    const namespace = kernel.openNamespace(path);
    try {
      return namespace.inside(() => (transport === 'udp' ? openBoundUdp('0.0.0.0') : openUpstream('tcp', 4)));
    } finally {
      namespace.close();
    }
  };
  const send = (message: Buffer, timeout: number): Promise<Buffer | undefined> =>
    new Promise((resolve, reject) => {
      const socket = createSocket({ type: 'udp4', lookup: noLookup });
      const finish = (found?: Buffer): void => {
        clearTimeout(timer);
        socket.close();
        resolve(found);
      };
      const timer = setTimeout(finish, timeout);
      socket.on('error', reject);
      socket.on('message', finish);
      adoptUdp(socket, open('udp')).send(message, 53, server);
    });
  const sendByTcp = (message: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const options = { fd: open('tcp'), manualStart: true };
      const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
      let found = Buffer.alloc(0);
      socket.setTimeout(25_000, () => socket.destroy(new Error('no answer by TCP')));
      socket.on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        found = Buffer.concat([found, chunk]);
        if (found.length < 2 || found.length < 2 + found.readUInt16BE(0)) return;
        socket.destroy();
        resolve(found.subarray(2));
      });
      socket.connect(53, server, () => socket.write(framed(message)));
    });
  return {
    send,
    async ask({ name, type = 'A', tcp = false, edns }) {
      lastId = (lastId + 1) & 0xffff;
      const id = lastId;
      const query = encodeQuery({
        id,
        recursionDesired: true,
        question: { name, type: typeof type === 'number' ? type : recordType[type], class: 1 },
        edns: edns === undefined ? undefined : { payload: edns, version: 0, dnssec: false },
      });
      const message = tcp ? await sendByTcp(query) : await send(query, 25_000);
      if (!message) throw new Error(`no answer to "${name}"`);
      if (message.readUInt16BE(0) !== id) throw new Error('an answer with another id');
      const flags = message.readUInt16BE(2);
      return {
        rcode: flags & 0xf,
        truncated: (flags & 0x0200) !== 0,
        count: message.readUInt16BE(6),
        message,
      };
    },
  };
}

/** The IPv4 addresses of an answer whose records' names are all pointers. */
export function addressesOf({ message, count }: Answer): readonly string[] {
  let at = 12;
  while (message[at] !== 0) at += 1 + (message[at] ?? 0);
  at += 5;
  return Array.from({ length: count }, () => {
    const data = at + 12;
    at = data + message.readUInt16BE(at + 10);
    return [...message.subarray(data, at)].join('.');
  });
}
