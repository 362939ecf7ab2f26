/** The engine's side of announced answers: a connection of its own, on which the resolver speaks first. */
import { createConnection } from 'node:net';
import type { Announcement } from './announcer.ts';
import { createLineReader } from './protocol.ts';

/** Takes announcements until the returned function is called, or the resolver ends. `take` never throws. */
export function watchAnswers(path: string, take: (answered: Announcement) => void): () => void {
  const socket = createConnection(path);
  const read = createLineReader((line) => {
    const said = JSON.parse(line) as Partial<Announcement>;
    if (said.id === undefined) return;
    take(said as Announcement);
    socket.write(`${JSON.stringify({ op: 'told', id: said.id })}\n`);
  });
  socket.write(`${JSON.stringify({ op: 'watch' })}\n`);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  });
  socket.unref();
  return () => socket.destroy();
}
