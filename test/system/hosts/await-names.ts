/** Prints the time of day at which each name is answered in this network namespace, one after the other: `node await-names.ts NAME...`. */
import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';

const socket = createSocket('udp4');
const found = new Map<number, number>();
socket.on('message', (message) => {
  const id = message.readUInt16BE(0);
  // answers in it
  if (message.readUInt16BE(6) > 0 && !found.has(id)) found.set(id, Date.now());
});

/** A question for the IPv4 addresses of a name (RFC 1035, 4.1). */
const question = (id: number, name: string): Buffer =>
  Buffer.concat([
    Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.length]),
    Buffer.from(name),
    Buffer.from([0, 0, 1, 0, 1]),
  ]);

console.log('ready');
for (const [id, name] of process.argv.slice(2).entries()) {
  // one that is not there yet is asked for upstream, which takes its time: the next question does not wait for it
  for (; !found.has(id); await delay(5)) socket.send(question(id, name), 53, '127.0.0.11');
  console.log(`${found.get(id)} ${name}`);
}
socket.close();
