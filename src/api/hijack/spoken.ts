/** A stream that says one thing and ends: how dockerd tells that an exec could not be started. */
import { Duplex } from 'node:stream';
import { SeawayError } from '../../errors.ts';

/** Docker's frame: stream 1 (standard output), three zero bytes, length, payload. */
function frame(payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header[0] = 1;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** With a terminal the text is bare, without one it is framed. What is written to it is thrown away. */
export function spoken(text: string, options: { readonly tty: boolean }): Duplex {
  const payload = Buffer.from(`${text}\r\n`);
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  stream.push(options.tty ? payload : frame(payload));
  stream.push(null);
  return stream;
}

/** The last is a user or group that the container does not have. */
const startFailures = ['COMMAND_NOT_FOUND', 'RUNTIME_FAILED', 'START_FAILED', 'CONTAINER_CONFIG_INVALID'];

/**
 * Whether the process itself could not be started. dockerd has taken the connection over by then, so
 * that the client learns of it in the stream, and the exit code (126, 127) by inspecting the exec.
 */
export const isStartFailure = (thrown: unknown): thrown is SeawayError =>
  thrown instanceof SeawayError && startFailures.includes(thrown.code);
