import { afterEach } from 'vitest';
import type { Kv } from '../../../src/kv/kv.ts';

/** A client that sees the keys below one folder; clients of the same folder see the same keys. */
export type OpenKv = (folder: string) => Promise<Kv>;

export type KvClients = {
  /** One that no case had before. */
  folder(): string;
  /** Closed after the case. */
  open(folder: string): Promise<Kv>;
};

export function clientsOf(openIn: OpenKv): KvClients {
  let drawn = 0;
  let opened: Kv[] = [];
  afterEach(async () => {
    await Promise.all(opened.map((kv) => kv.close()));
    opened = [];
  });
  return {
    folder: () => `contract/f${process.pid}-${++drawn}x`,
    open: async (folder) => {
      const kv = await openIn(folder);
      opened.push(kv);
      return kv;
    },
  };
}
