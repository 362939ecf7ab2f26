import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { TaskLogRequest } from '../swarm/assignments.ts';
import { LogReading } from './log-reading.ts';
import { LogServing } from './log-serving.ts';

const request: TaskLogRequest = {
  ...{ taskId: 't', serviceId: 's', containerId: 'c', stdout: true, stderr: true },
  ...{ follow: false, timestamps: false, details: false },
};

/** A manager and a node whose messages take their turn. */
function pair(serve: (gone: AbortSignal) => AsyncIterable<Buffer>) {
  const serving = new LogServing((message) => {
    if (message.op === 'logged') setImmediate(() => reading.take(message));
  });
  serving.serve = (_request, gone) => serve(gone);
  const reading: LogReading = new LogReading((message) => {
    if (message.op === 'log' || message.op === 'log-more' || message.op === 'log-stop')
      setImmediate(() => serving.take(message));
  });
  return reading;
}

async function textOf(log: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const piece of log) all.push(piece);
  return Buffer.concat(all).toString();
}
const never = new AbortController().signal;

test('a log comes whole, however long it is', async () => {
  const long = 'x'.repeat(600 << 10);
  const reading = pair(async function* () {
    yield Buffer.from('a');
    yield Buffer.from(long);
  });
  expect(await textOf(reading.read(request, never))).toBe(`a${long}`);
});

test('no more is read on the node than was taken', async () => {
  let given = 0;
  const reading = pair(async function* () {
    for (;;) yield Buffer.from(String(++given));
  });
  for await (const piece of reading.read(request, never)) if (piece.toString() === '3') break;
  await sleep(20);
  expect(given).toBe(3);
});

test('a reader that goes ends the reading on the node', async () => {
  const ended = Promise.withResolvers<void>();
  const reading = pair(async function* (gone) {
    gone.addEventListener('abort', () => ended.resolve());
    await ended.promise;
  });
  const gone = new AbortController();
  const read = textOf(reading.read(request, gone.signal));
  setImmediate(() => gone.abort());
  expect(await read).toBe('');
  await ended.promise;
});

test('what fails on the node fails here, in its words', async () => {
  const reading = pair(async function* () {
    yield Buffer.from('a');
    throw new Error('configured logging driver does not support reading');
  });
  await expect(textOf(reading.read(request, never))).rejects.toThrow('does not support reading');
});

test('a session that ends while a log is read is told', async () => {
  const reading = pair(async function* () {
    await new Promise(() => undefined);
  });
  const read = textOf(reading.read(request, never));
  setImmediate(() => reading.close());
  await expect(read).rejects.toThrow('the node has gone');
});
