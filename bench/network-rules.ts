/**
 * What the rules of one network more and of one less cost beside many, without links and without an engine.
 *
 *     ip netns add bench; node bench/network-rules.ts /run/netns/bench iptables|nftables [COUNT]
 *
 * Needs root, and a network namespace without rules. Prints milliseconds and this program's processor time for each step.
 */
import { defaultSettings, type FirewallInput } from '../src/firewall/input.ts';
import type { FilterChange, PacketFilter } from '../src/firewall/packet-filter.ts';
import { openKernel } from '../src/kernel/open.ts';
import { openFilter } from '../src/reconcile/filter/choose.ts';

const [namespace = '', backend = 'nftables', count = '8000'] = process.argv.slice(2);
const kernel = openKernel({ namespace, iptables: 'iptables' });
const filter: PacketFilter<unknown, FilterChange> = openFilter(
  backend === 'iptables' ? 'iptables' : 'nftables',
  kernel,
);
type Bridges = FirewallInput['bridges'];
const bridges: Bridges = Array.from({ length: Number(count) }, (_, n) => ({
  ...{ name: `n${n}`, link: `br-${n}`, internal: false, icc: true, trusted: [] },
  families: {
    4: { subnets: [`10.${n >> 8}.${n & 255}.0/24`], mode: 'nat', masquerade: true, source: '' },
  },
}));
let owned: readonly string[] = [];

async function settle(what: string, some: Bridges): Promise<void> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  const desired = {
    ...{ bridges: some, ports: [], open: [], holes: [], segments: [] },
    settings: defaultSettings,
  };
  const change = filter.difference(await filter.observe(4), { family: 4, desired, owned });
  await filter.apply(4, change);
  owned = change.owned;
  const { user, system } = process.cpuUsage(before);
  const took = (performance.now() - begun).toFixed(1);
  console.log(`${what}: ${took} ms, processor ${((user + system) / 1000).toFixed(1)} ms`);
}

await settle('all', bridges);
// what it has made is read once
await settle('again', bridges);
for (let round = 1; round <= 4; round++) {
  await settle(
    'one less',
    bridges.filter((_, n) => n !== round * 10),
  );
  await settle('one more', bridges);
}
kernel.close();
