/**
 * What an allocation costs with so many in use. No root.
 *
 *     node bench/ipam.ts
 */

import { AddressSet } from '../src/ipam/address-set.ts';
import { choosePool } from '../src/ipam/choose-pool.ts';
import { SubnetTree } from '../src/ipam/subnet-tree.ts';
import { parseCidr } from '../src/net/address.ts';

const rounds = 20_000;

/** Microseconds per round; `run` takes one and gives it back. */
function measure(what: string, used: number, run: () => void): void {
  for (let i = 0; i < rounds / 10; i++) run();
  const begun = performance.now();
  for (let i = 0; i < rounds; i++) run();
  const each = ((performance.now() - begun) / rounds) * 1000;
  console.log(`${what.padEnd(34)} ${String(used).padStart(7)} in use  ${each.toFixed(2)} us`);
}

for (const subnet of ['10.0.0.0/8', 'fd00::/64'])
  for (const used of [1_000, 10_000, 100_000]) {
    const set = new AddressSet({ subnet, auxAddresses: {} });
    for (let i = 0; i < used; i++) set.allocate();
    measure(`an address of ${subnet}`, used, () => set.release(set.allocate() ?? ''));
  }

for (const used of [10, 1_000, 10_000, 60_000]) {
  const tree = new SubnetTree(4);
  const question = {
    version: 4,
    pools: [{ base: '10.0.0.0/8', size: 24 }],
    taken: tree,
    routed: [],
  } as const;
  for (let i = 0; i < used; i++) tree.add(parseCidr(choosePool(question)));
  measure('a /24 of 10.0.0.0/8', used, () => {
    const block = parseCidr(choosePool(question));
    tree.add(block);
    tree.remove(block);
  });
}
