/** HTTP by hand: bytes as they are on the connection, for what no HTTP library would send. */
import { connect, type Socket } from 'node:net';

export interface RawClient {
  readonly socket: Socket;
  write(text: string): void;
  /** All that has come until now. */
  said(): string;
  /** Resolves once that was said; rejected with what was said instead when the other side ends, or after a while. */
  until(text: string): Promise<void>;
  /** Resolves with all that was said once the other side has ended. */
  end(): Promise<string>;
}

/** Milliseconds for an answer. */
const patience = 20_000;

export function connectRaw(path: string): RawClient {
  const socket = connect({ path, allowHalfOpen: true });
  let text = '';
  let ended = false;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('end', () => {
    ended = true;
  });
  socket.on('error', () => undefined);
  const wait = (what: string, done: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const there = done();
        if (!there && !ended && !socket.destroyed) return;
        clearTimeout(timer);
        for (const name of ['data', 'end', 'close']) socket.off(name, look);
        if (there) resolve();
        else reject(new Error(`waiting for ${what}, heard: ${text}`));
      };
      const timer = setTimeout(() => {
        socket.destroy(); // `close` ends the waiting
      }, patience);
      for (const name of ['data', 'end', 'close']) socket.on(name, look);
      look();
    });
  return {
    socket,
    write: (line) => void socket.write(line, 'latin1'),
    said: () => text,
    until: (what) => wait(JSON.stringify(what), () => text.includes(what)),
    async end() {
      await wait('the end', () => ended || socket.destroyed);
      socket.destroy();
      return text;
    },
  };
}

/** A request without a body; `headers` are lines. */
export const head = (call: string, ...headers: readonly string[]): string =>
  [`${call} HTTP/1.1`, 'Host: docker', ...headers, '', ''].join('\r\n');
