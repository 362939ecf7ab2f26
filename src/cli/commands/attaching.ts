/** Starting a container with our streams on it, in docker's order: attach, wait, start. */
import type { IncomingMessage } from 'node:http';
import type { Client } from '#client/client.ts';
import { textOf } from '#client/client.ts';
import { messageOf } from '../../errors.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import type { Attached } from '../spec/container.ts';
import { defaultDetachKeys, parseDetachKeys } from '../terminal/detach-keys.ts';
import { followSize, nudgeSize, type Size, withRawTerminal } from '../terminal/raw-mode.ts';
import { runSession, type SessionEnd } from '../terminal/session.ts';
import { proxySignals } from '../terminal/signals.ts';

/** The requested keys, those of the client's config, or docker's default. Throws `CliError`. */
export async function detachKeysOf(
  context: Context,
  asked: string,
): Promise<{ readonly text: string; readonly bytes: Buffer }> {
  const text = asked || ((await context.config()).detachKeys ?? '');
  try {
    return { text, bytes: parseDetachKeys(text || defaultDetachKeys) };
  } catch (thrown) {
    throw new CliError(`invalid detach keys (${text}): ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** The exit status that an open wait brings. */
export async function statusOf(waiting: IncomingMessage): Promise<number> {
  const answer = JSON.parse(await textOf(waiting)) as {
    StatusCode: number;
    Error?: { Message?: string } | null;
  };
  if (answer.Error?.Message) throw new CliError(answer.Error.Message, { status: 125 });
  return answer.StatusCode;
}

export interface AttachRequest {
  readonly id: string;
  readonly attached: Attached;
  readonly tty: boolean;
  readonly autoRemove: boolean;
  readonly detachKeys: string;
  readonly proxySignals: boolean;
  readonly startFailed: (thrown: unknown) => Error;
}

const attachQuery = (attached: Attached, detachKeys: string) => ({ stream: true, ...attached, detachKeys });

/** Attach, start, and stay until the container ends or is left. Resolves to its exit status; 0 when it is left. */
export async function attachAndStart(context: Context, request: AttachRequest): Promise<number> {
  const { id, attached, tty } = request;
  const engine = await context.engine();
  const keys = await detachKeysOf(context, request.detachKeys);
  const connection = await engine.hijack(`/containers/${id}/attach`, {
    query: attachQuery(attached, keys.text),
  });
  // paused until there is a listener, so that the first output is not lost
  connection.socket.pause();
  // Waiting begins before the start, or a short life would be over before it is waited for.
  const waiting = await openWait(engine, id, request.autoRemove);
  const stopSignals = request.proxySignals ? proxyTo(context, engine, id) : () => {};
  try {
    return await withRawTerminal(context, tty && attached.stdin, async () => {
      const session = runSession(connection, context, { ...attached, tty, detachKeys: keys.bytes });
      session.catch(() => {});
      await engine.text('POST', `/containers/${id}/start`).catch((thrown: unknown) => {
        connection.socket.destroy();
        throw request.startFailed(thrown);
      });
      const stopSizes = tty ? followSize(context, resizer(engine, id)) : () => {};
      const end = await session.finally(stopSizes);
      return end === 'detached' ? 0 : await statusOf(waiting);
    });
  } finally {
    stopSignals();
    waiting.destroy();
  }
}

export const openWait = (engine: Client, id: string, autoRemove: boolean): Promise<IncomingMessage> =>
  engine.open('POST', `/containers/${id}/wait`, {
    query: { condition: autoRemove ? 'removed' : 'next-exit' },
  });

export const proxyTo = (context: Context, engine: Client, id: string): (() => void) =>
  proxySignals(
    (signal) => engine.text('POST', `/containers/${id}/kill`, { query: { signal } }),
    context.complain,
  );

/** Attaches to a running container. */
export async function attachRunning(
  context: Context,
  request: {
    readonly id: string;
    readonly attached: Attached;
    readonly tty: boolean;
    readonly detachKeys: string;
  },
): Promise<SessionEnd> {
  const { id, attached, tty } = request;
  const engine = await context.engine();
  const keys = await detachKeysOf(context, request.detachKeys);
  const connection = await engine.hijack(`/containers/${id}/attach`, {
    query: attachQuery(attached, keys.text),
  });
  const resize = resizer(engine, id);
  if (tty) await nudgeSize(context, resize);
  const stopSizes = tty ? followSize(context, resize) : () => {};
  return withRawTerminal(context, tty && attached.stdin, () =>
    runSession(connection, context, { ...attached, tty, detachKeys: keys.bytes }),
  ).finally(stopSizes);
}

const resizer =
  (engine: Client, id: string) =>
  (size: Size): Promise<unknown> =>
    engine.text('POST', `/containers/${id}/resize`, { query: { ...size } });
