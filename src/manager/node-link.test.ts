import { expect, it, vi } from 'vitest';
import { createLogger } from '../observe/logger.ts';
import { type Ends, NodeLink } from './node-link.ts';
import type { FromNode } from './protocol.ts';

type Call = Extract<FromNode, { readonly call: number }>;

/** A node's link to managers that answer when they are told to. */
function linked() {
  const sessions: { readonly ends: Ends; readonly calls: Call[] }[] = [];
  const link = new NodeLink({
    ...{ logger: createLogger('fatal'), welcomed: () => undefined, removed: () => undefined },
    dial: async (ends) => {
      const calls: Call[] = [];
      sessions.push({ ends, calls });
      return {
        send: (message) => void ('call' in message && calls.push(message)),
        close: () => ends.closed(undefined),
      };
    },
  });
  return { link, sessions };
}

it('a manager is asked so much at a time, and the next one what is not answered', async () => {
  const { link, sessions } = linked();
  for (let i = 0; i < 300; i++) link.detach(`${i}`);
  link.begin();
  await vi.waitFor(() => expect(sessions[0]?.calls.length).toBe(64));
  sessions[0]?.ends.message({ op: 'answer', call: 1 });
  await vi.waitFor(() => expect(sessions[0]?.calls.length).toBe(65));
  sessions[0]?.ends.closed(undefined);
  await vi.waitFor(() => expect(sessions[1]?.calls.map(({ call }) => call).slice(0, 2)).toEqual([2, 3]));
  for (let at = 0; at < 299; at++) {
    await vi.waitFor(() => expect(sessions[1]?.calls.length).toBeGreaterThan(at));
    const asked = sessions[1]?.calls[at];
    if (asked) sessions[1]?.ends.message({ op: 'answer', call: asked.call });
  }
  expect(new Set(sessions[1]?.calls.map(({ call }) => call)).size).toBe(299);
  link.close();
});

it('a place is given back while many others are asked for', async () => {
  const { link, sessions } = linked();
  link.begin();
  await vi.waitFor(() => expect(link.isConnected).toBe(true));
  const request = { network: 'net', containerId: 'c', name: 'n', ipv4: '', ipv6: '', aliases: [] };
  for (let i = 0; i < 100; i++) link.attach(request).catch(() => undefined);
  link.detach('t');
  const ops = Map.groupBy(sessions[0]?.calls ?? [], ({ op }) => op);
  expect([ops.get('attach')?.length, ops.get('detach')?.length]).toEqual([64, 1]);
  link.close();
});
