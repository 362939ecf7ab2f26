/**
 * Virtual addresses in sandboxes, as rules of nftables: one lookup per new connection, however many services there are. A
 * change of some touches their chains only, in one transaction.
 */
import type { Namespace } from '../../kernel/kernel.ts';
import { familyOf } from '../../net/family.ts';
import type { VirtualAddress } from '../../objects/object.ts';
import type { ObservedVirtual } from '../../objects/observed.ts';
import { virtualDigest } from '../../objects/virtual.ts';
import type { ActiveKind } from './kind.ts';
import { listChains } from './list-chains.ts';

/** The engine's table in a sandbox, one per family. */
const table = 'seaway-vip';

const familyName = (address: string): 'ip' | 'ip6' => (familyOf(address) === 4 ? 'ip' : 'ip6');
const tableOf = (address: string): string => `${familyName(address)} ${table}`;

/** A chain's name has neither dots nor colons. */
const chainOf = (address: string, digest: string): string =>
  `v-${address.replaceAll('.', '_').replaceAll(':', '-')}-${digest}`;

const chainName = /^v-(?<address>.+)-(?<digest>(?:open|closed)-[0-9a-f]{12})$/;

/**
 * Before rules of programs in the container. `pre` is for what is inside of it: nested engines, virtual machines. A nat chain
 * cannot refuse, since without a translation nothing tracks connections.
 */
const base = (family: 'ip' | 'ip6'): string => `table ${family} ${table} {
  map addresses { type ${family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'} : verdict; }
  set closed { type ${family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'}; }
  chain out {
    type nat hook output priority -101; policy accept;
    ${family} daddr vmap @addresses
  }
  chain pre {
    type nat hook prerouting priority -101; policy accept;
    ${family} daddr vmap @addresses
  }
  chain refuse {
    type filter hook output priority 0; policy accept;
    ${family} daddr @closed meta l4proto tcp reject with tcp reset
    ${family} daddr @closed reject
  }
}
`;

type Observed = Pick<ObservedVirtual, 'families' | 'addresses'>;

const nothing: Observed = { families: new Set(), addresses: new Map() };

function observeIn(namespace: Namespace): Observed {
  const tables = listChains(namespace, table);
  const addresses = new Map<string, string>();
  for (const [family, chains] of tables)
    for (const chain of chains) {
      const { address, digest } = chainName.exec(chain)?.groups ?? {};
      if (!address || !digest) continue;
      addresses.set(family === 'ip' ? address.replaceAll('_', '.') : address.replaceAll('-', ':'), digest);
    }
  return { families: new Set(tables.keys()), addresses };
}

/** Commands that take an address back. */
function undo(address: string, digest: string): string {
  const at = tableOf(address);
  const list = digest.startsWith('open') ? 'addresses' : 'closed';
  return `delete element ${at} ${list} { ${address} }\ndelete chain ${at} ${chainOf(address, digest)}\n`;
}

function rules(one: VirtualAddress): string {
  const { address, open } = one;
  const at = tableOf(address);
  const chain = chainOf(address, virtualDigest(one));
  const made = `add chain ${at} ${chain}\n`;
  if (open.length === 0) return `${made}add element ${at} closed { ${address} }\n`;
  const map = open.map((backend, index) => `${index} : ${backend}`).join(', ');
  const to = open.length === 1 ? open[0] : `numgen random mod ${open.length} map { ${map} }`;
  return `${made}add rule ${at} ${chain} dnat to ${to}\nadd element ${at} addresses { ${address} : goto ${chain} }\n`;
}

/** Makes the namespace have these, from what it has. */
async function bring(
  namespace: Namespace,
  wanted: readonly VirtualAddress[],
  { families, addresses }: Observed,
): Promise<void> {
  const commands: string[] = [];
  const kept = new Map(wanted.map((one) => [one.address, one]));
  for (const family of new Set(wanted.map(({ address }) => familyName(address))))
    if (!families.has(family)) commands.push(base(family));
  const changed = [...addresses].filter(([address, digest]) => {
    const one = kept.get(address);
    return !one || virtualDigest(one) !== digest;
  });
  for (const [address, digest] of changed) commands.push(undo(address, digest));
  for (const one of wanted) if (addresses.get(one.address) !== virtualDigest(one)) commands.push(rules(one));
  // a table goes with its last address
  for (const family of families)
    if (!wanted.some(({ address }) => familyName(address) === family))
      commands.push(`delete table ${family} ${table}\n`);
  if (commands.length > 0) namespace.nft(commands.join(''));
  for (const [address] of changed) {
    const { open = [], draining = [] } = kept.get(address) ?? {};
    await namespace.forgetFlowsTo(address, [...open, ...draining]);
  }
}

export const virtual: ActiveKind<'virtual'> = {
  /** Where a plan has them: without services nothing of nftables is needed. */
  observe: ({ handles, desired }) =>
    desired.flatMap(({ kind, ns }) => {
      const namespace = kind === 'virtual' ? handles.find(ns) : undefined;
      return namespace ? [{ kind: 'virtual' as const, ns, ...observeIn(namespace) }] : [];
    }),
  make: ({ ns, addresses }, handles) => bring(handles.namespace(ns), addresses, nothing),
  change: ({ object, observed }, handles) => bring(handles.namespace(object.ns), object.addresses, observed),
  remove: (observed, handles) => bring(handles.namespace(observed.ns), [], observed),
};
