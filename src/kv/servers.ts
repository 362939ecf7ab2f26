/** The addresses of one store, tried in turn, starting with the one that answered last. */
import { fail } from '../errors.ts';
import { dialText, isRefusal } from './failure.ts';
import type { Address } from './source.ts';

/** The server was not reached, or cannot serve now. Nothing was done, and the next address is tried. */
export class NotReached extends Error {
  constructor(cause: unknown) {
    super('not reached', { cause });
  }
}

export type Servers<C> = {
  /** Resolves with the first answer. Throws `KV_AWAY` or `KV_REFUSED` with the reason for each address if there is none. */
  ask<T>(work: (server: C, others: number) => Promise<T>): Promise<T>;
  readonly all: readonly C[];
};

export function createServers<C>(
  store: string,
  addresses: readonly Address[],
  open: (address: Address) => C,
): Servers<C> {
  const all = addresses.map(open);
  let first = 0;

  const ask = async <T>(work: (server: C, others: number) => Promise<T>): Promise<T> => {
    const reasons: string[] = [];
    let refused = false;
    const begin = first;
    for (const [turn] of all.entries()) {
      const index = (begin + turn) % all.length;
      const [server, address] = [all[index], addresses[index]];
      if (server === undefined || address === undefined) continue;
      try {
        const result = await work(server, all.length - turn - 1);
        first = index;
        return result;
      } catch (thrown) {
        if (!(thrown instanceof NotReached)) throw thrown;
        reasons.push(dialText(address, thrown.cause));
        refused ||= isRefusal(thrown.cause);
        // concurrent requests skip this address
        if (first === index) first = (index + 1) % all.length;
      }
    }
    const text = reasons.map((reason, index) => `error #${index}: ${reason}`).join('; ');
    throw fail(refused ? 'KV_REFUSED' : 'KV_AWAY', store, text);
  };
  return { ask, all };
}
