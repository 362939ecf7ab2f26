/** A server, relays to it, and clients that are closed after each case. */
import { afterEach, beforeAll, expect } from 'vitest';
import type { Kv } from '../../../../src/kv/kv.ts';
import { openKv } from '../../../../src/kv/open.ts';
import { parseSource } from '../../../../src/kv/source.ts';
import { Follower } from '../../../contract/kv/follower.ts';
import { openRelay, type Relay } from '../relay.ts';
import type { Server } from '../server.ts';

export type Faulty = {
  /** Of the URL. */
  readonly scheme: string;
  readonly port: number;
  readonly server: Server;
  /** Milliseconds: the least that the server takes, and until it has ended a session for certain. */
  readonly ttl: number;
  readonly expiry: number;
};

export type World = Faulty & {
  /** One that no case had before. */
  folder(): string;
  open(folder: string, ...addresses: readonly string[]): Promise<Kv>;
  /** Two, mended before each case. */
  relay(index: 0 | 1): Relay;
};

export function createWorld(faulty: Faulty): World {
  const { scheme, port, server } = faulty;
  const relays: Relay[] = [];
  let drawn = 0;
  let opened: Kv[] = [];
  beforeAll(async () => {
    for (const _ of [0, 1]) relays.push(await openRelay({ address: server.address, port }));
  });
  afterEach(async () => {
    server.resume();
    await Promise.all(relays.map((relay) => relay.mend()));
    await Promise.all(opened.map((kv) => kv.close()));
    opened = [];
  });
  return {
    ...faulty,
    folder: () => `f${++drawn}`,
    open: async (folder, ...addresses) => {
      const hosts = addresses.map((address) => `${address}:${port}`).join(',');
      const kv = await openKv(parseSource(`${scheme}://${hosts}/faults`), { folder });
      opened.push(kv);
      return kv;
    },
    relay: (index) => {
      const relay = relays[index];
      if (relay === undefined) throw new Error('the relays are not there yet');
      return relay;
    },
  };
}

/** A follower, with what it was told of the store being away. */
export function following(kv: Kv): { readonly follower: Follower; readonly away: string[] } {
  const away: string[] = [];
  const follower = new Follower(kv, '', (why) =>
    away.push(why ? String((why as { code?: string }).code) : 'back'),
  );
  return { follower, away };
}

export function expectNothingTwice({ told }: Follower): void {
  const seen = new Map<string, number>();
  for (const one of told) {
    if (one.kind === 'snapshot') seen.clear();
    for (const { key, revision } of one.kind === 'snapshot' ? one.entries : one.put) {
      expect(seen.get(key) ?? -1).toBeLessThan(revision);
      seen.set(key, revision);
    }
  }
}
