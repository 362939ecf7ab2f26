import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, vi } from 'vitest';
import { drained, withProgress, withReason } from './streaming.ts';

const tooMany = Object.assign(new Error('x'), { errno: -24, code: 'EMFILE', syscall: 'open', path: '/log' });

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one\n');
  throw tooMany;
}

it.each([
  [true, 'Error grabbing logs: open /log: too many open files\n'],
  [false, '\x02\0\0\0\0\0\0\x34Error grabbing logs: open /log: too many open files\n'],
])('a log that cannot be read on ends with the reason (tty: %s)', async (tty, last) => {
  const pieces: string[] = [];
  for await (const piece of withReason(broken(), { tty })) pieces.push(Buffer.from(piece).toString('latin1'));
  expect(pieces).toEqual(['one\n', last]);
});

it('work that fails after its first line ends with the reason', async () => {
  const server = createServer((_request, response) => {
    void withProgress(response, async (lines) => {
      lines.write({ status: 'begun' });
      throw tooMany;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const message = 'open /log: too many open files';
  const last = { errorDetail: { message }, error: message };
  expect(
    (await reply.text())
      .trim()
      .split('\r\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([{ status: 'begun' }, last]);
  server.close();
});

it('what a client does not read is waited for, until it reads or goes', async () => {
  const steps: string[] = [];
  const server = createServer(async (_request, response) => {
    await drained(response);
    steps.push('nothing to read');
    response.write(Buffer.alloc(64 * 1024 * 1024));
    await drained(response);
    steps.push('gone');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = request({ port: (server.address() as AddressInfo).port }).end();
  const [answer] = await once(client, 'response');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(steps).toEqual(['nothing to read']);
  answer.destroy();
  await vi.waitFor(() => expect(steps).toEqual(['nothing to read', 'gone']));
  server.close();
});
