import { mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Node } from '../model/node.ts';
import { rotateKeys } from './key-rotation.ts';
import { nextKeyFile, tunnelKey, tunnelKeyFile } from './tunnel-key.ts';

const lives = { key: 1_000_000, announced: 60_000 };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seaway-keys-'));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** A host whose key is that old; what it has said of itself. */
function host(age: number) {
  const { public: key } = tunnelKey(tunnelKeyFile(folder));
  const then = (Date.now() - age) / 1000;
  utimesSync(tunnelKeyFile(folder), then, then);
  let node = { key } as Node;
  const cluster = {
    why: undefined as Error | undefined,
    describe: async (change: (node: Node) => Node) => {
      node = change(node);
    },
  };
  const other = { id: 'b', lost: undefined as true | undefined };
  const tables: Record<string, readonly unknown[]> = {
    nodes: [{ id: 'a', here: true }, other],
    networks: [{ id: 'net', overlay: { encrypted: true } }],
  };
  const model = {
    all: (table: string) => tables[table] ?? [],
    endpointsOfNetwork: () => [{}],
    peersOfNetwork: () => [{ nodeId: 'b' }],
  };
  const core = { config: { dataRoot: folder }, logger: { info: () => {}, error: () => {} }, model };
  const begin = () => rotateKeys(core as never, cluster, lives);
  return { key, cluster, other, begin, end: begin(), said: () => node };
}

it('a key that is old enough is announced, and used a while later', async () => {
  const { key, end, said } = host(400_000);
  await vi.advanceTimersByTimeAsync(599_000);
  expect(said()).toEqual({ key });
  await vi.advanceTimersByTimeAsync(2_000);
  const { nextKey } = said();
  expect([said().key, nextKey]).toEqual([key, tunnelKey(nextKeyFile(folder)).public]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said()).toEqual({ key: nextKey });
  expect(tunnelKey(tunnelKeyFile(folder)).public).toBe(nextKey);
  expect(() => readFileSync(nextKeyFile(folder))).toThrow('ENOENT');
  end();
});

it('it is not used while a host that needs it is silent, nor until the store was there for a while', async () => {
  const { key, cluster, other, end, said } = host(lives.key);
  cluster.why = new Error('away');
  await vi.advanceTimersByTimeAsync(130_000);
  cluster.why = undefined;
  other.lost = true;
  await vi.advanceTimersByTimeAsync(130_000);
  expect(said()).toMatchObject({ key, nextKey: expect.any(String) });
  other.lost = undefined;
  cluster.why = new Error('away');
  await vi.advanceTimersByTimeAsync(60_000);
  cluster.why = undefined;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said().key).toBe(key);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said().key).not.toBe(key);
  end();
});

it('an engine that starts with a next key goes on from there', async () => {
  const { begin, end, said } = host(0);
  end();
  const { public: next } = tunnelKey(nextKeyFile(folder));
  const ended = begin();
  // once more, since it is not known whether the others were told
  await vi.advanceTimersByTimeAsync(121_000);
  expect(said()).toEqual({ key: next });
  ended();
});
