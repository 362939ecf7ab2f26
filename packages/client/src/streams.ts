/** Answers that come bit by bit, as async iterators. Leaving the loop closes the connection. */
import type { Readable } from 'node:stream';
import { ClientError } from './errors.ts';
import { Demultiplexer, type StreamId } from './frames.ts';
import { parseJson } from './json.ts';

/** Lines of text, without their ends. */
export async function* lines(body: Readable): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) yield part.endsWith('\r') ? part.slice(0, -1) : part;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

/** One value per line of JSON, taken for a `T`: the engine keeps to its API. */
export async function* jsonLines<T>(body: Readable): AsyncGenerator<T, void, undefined> {
  for await (const line of lines(body)) if (line.trim() !== '') yield parseJson(line) as T;
}

interface Progress {
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** The lines of a pull, a load or a push. Throws `ClientError` where one of them is an error. */
export async function* progress<T extends Progress>(body: Readable): AsyncGenerator<T, void, undefined> {
  for await (const line of jsonLines<T>(body)) {
    const error = line.errorDetail?.message ?? line.error;
    if (error !== undefined) throw new ClientError(error);
    yield line;
  }
}

export interface Output {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

const streamName = (id: StreamId): Output['stream'] => (id === 2 ? 'stderr' : 'stdout');

/** The output of a container. With a terminal there are no frames, and everything is `stdout`. */
export async function* output(
  body: Readable,
  options: { readonly tty: boolean },
): AsyncGenerator<Output, void, undefined> {
  const ready: Output[] = [];
  const frames = new Demultiplexer((id, data) => ready.push({ stream: streamName(id), data }));
  for await (const chunk of body) {
    if (options.tty) ready.push({ stream: 'stdout', data: chunk as Buffer });
    else frames.push(chunk as Buffer);
    yield* ready.splice(0);
  }
}
