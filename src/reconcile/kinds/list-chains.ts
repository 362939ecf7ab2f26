/** What there is of a table of nftables. */
import type { Namespace } from '../../kernel/kernel.ts';

/** Names of the chains of the table of that name, by family (`ip`, `ip6`); without families that have no such table. */
export function listChains(namespace: Namespace, table: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let chains: string[] | undefined;
  for (const line of namespace.nft('list chains').split('\n')) {
    const [, family, name] = /^table (\S+) (\S+) \{/.exec(line) ?? [];
    if (family !== undefined) {
      chains = name === table ? [] : undefined;
      if (chains) found.set(family, chains);
    }
    const [, chain] = /^\tchain (\S+) \{/.exec(line) ?? [];
    if (chain !== undefined) chains?.push(chain);
  }
  return found;
}
