/** Asks a name server for the addresses of a name, from inside a namespace. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { openUpstream } from '../../kernel/dns-sockets.ts';
import type { Namespace } from '../../kernel/kernel.ts';
import { addressText } from '../../kernel/netlink/inet.ts';
import { type Family, familyOf, width } from '../../net/family.ts';
import { headerSize, readQuestion, readRecord, word } from '../../resolver/decode.ts';
import { encodeQuery } from '../../resolver/encode.ts';
import { MalformedMessage, recordClass, recordType } from '../../resolver/message.ts';

const port = 53;

/** `code` is the server's (RFC 1035, 4.1.1); -1 where it has not answered. */
export interface NameAnswer {
  readonly code: number;
  readonly addresses: readonly string[];
}

interface NameQuestion {
  readonly server: string;
  readonly name: string;
  readonly family: Family;
  /** Milliseconds. */
  readonly limit: number;
}

/** Throws KERNEL where the namespace gives no socket. */
export async function askName(
  namespace: Namespace,
  { server, name, family, limit }: NameQuestion,
): Promise<NameAnswer> {
  const id = randomInt(0x1_0000);
  const query = encodeQuery({
    ...{ id, recursionDesired: true, edns: undefined },
    question: { name, type: typeOf(family), class: recordClass.IN },
  });
  const fd = namespace.inside(() => openUpstream('udp', familyOf(server)));
  const socket = createSocket(familyOf(server) === 4 ? 'udp4' : 'udp6');
  return new Promise((resolve) => {
    let isOver = false;
    const end = (answer: NameAnswer): void => {
      // a query that is cancelled by the end reports an error
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end(silent), limit);
    socket.on('error', () => end(silent));
    socket.on('message', (message) => {
      if (message.length >= headerSize && word(message, 0) === id) end(readAnswer(message, family));
    });
    socket.bind({ fd });
    socket.send(query, port, server, (error) => {
      if (error) end(silent);
    });
  });
}

const silent: NameAnswer = { code: -1, addresses: [] };
const typeOf = (family: Family): number => (family === 4 ? recordType.A : recordType.AAAA);

/** A malformed answer is none. */
export function readAnswer(message: Uint8Array, family: Family): NameAnswer {
  try {
    const code = word(message, 2) & 0xf;
    const addresses: string[] = [];
    let at = readQuestion(message, headerSize).next;
    for (let left = word(message, 6); left > 0; left--) {
      const { next, ...record } = readRecord(message, at);
      at = next;
      if (record.type !== typeOf(family)) continue;
      if (record.length !== width(family) / 8) throw new MalformedMessage('an address of another length');
      addresses.push(addressText(message.slice(record.data, record.data + record.length)));
    }
    return { code, addresses };
  } catch (error) {
    if (error instanceof MalformedMessage) return silent;
    throw error;
  }
}
