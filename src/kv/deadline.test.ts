import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { fail } from '../errors.ts';
import { limited, pause, within } from './deadline.ts';

const closing = new AbortController().signal;
const store = 'etcd';

it('ends what hangs, by its deadline, its caller, or its client', async () => {
  const hang = (): Promise<never> => new Promise(() => undefined);
  await expect(within('x', { store, closing, deadline: 10 }, hang)).rejects.toMatchObject({
    code: 'KV_TIMEOUT',
  });
  const [caller, client] = [new AbortController(), new AbortController()];
  const asked = within('x', { store, closing, signal: caller.signal }, hang);
  caller.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  const closed = within('x', { store, closing: client.signal }, hang);
  client.abort();
  await expect(closed).rejects.toMatchObject({ code: 'KV_CLOSED' });
});

it('tells what was thrown, in the words of the table', async () => {
  const away = fail('KV_AWAY', store, 'why');
  const throwing = (error: Error) => within('x', { store, closing }, async () => Promise.reject(error));
  await expect(throwing(away)).rejects.toBe(away);
  await expect(throwing(new Error('odd'))).rejects.toMatchObject({ code: 'KV_BROKEN' });
});

it('has whole milliseconds left, and aborts what is no longer wanted', async () => {
  const attempt = await within('x', { store, closing, deadline: 5_000 }, async (one) => one);
  expect(Number.isInteger(attempt.left())).toBe(true);
  expect(attempt.signal.aborted).toBe(true);
});

it('leaves nothing on a signal that lives long', async () => {
  const { signal } = new AbortController();
  for (let turn = 0; turn < 5; turn++) await pause(1, signal);
  await within('x', { store, closing: signal, signal }, async () => undefined);
  await limited({ signal, after: 1_000 }, async () => undefined);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('limits a part of a call', async () => {
  const { signal } = new AbortController();
  const until = (one: AbortSignal) =>
    new Promise((_, reject) => one.addEventListener('abort', () => reject(one.reason)));
  await expect(limited({ signal, after: 5 }, until)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  const other = new AbortController();
  const ended = limited({ signal: other.signal, after: 1_000 }, until);
  other.abort(new Error('enough'));
  await expect(ended).rejects.toThrow('enough');
});
