/** The table that marks a packet for nftables' trace, as text of nft(8). Pure. */
import type { Flow, TraceOptions } from './contract.ts';

/** Before all rules (NF_IP_PRI_FIRST); a probe is never in fragments. */
const first = -2_147_483_648;
/** After all rules. */
const last = 2_147_483_647;

/** Both directions of the flow. */
function matchesOf({ protocol, port }: Flow): readonly string[] {
  if (protocol === 'icmp') return [`icmp id ${port}`, `icmpv6 id ${port}`];
  return [`meta l4proto ${protocol} th sport ${port}`, `meta l4proto ${protocol} th dport ${port}`];
}

/** Lengths in front of the inner packet's transport header: UDP, VXLAN, Ethernet, IP. */
const inside = { 4: 8 + 8 + 14 + 20, 6: 8 + 8 + 14 + 40 } as const;

/** Matches the ports of the packet inside of a tunnel; echoes have their identifier 4 bytes in. */
function tunnelled({ flow, tunnel }: TraceOptions): readonly string[] {
  if (!tunnel) return [];
  const at = inside[tunnel.family] * 8;
  const places = flow.protocol === 'icmp' ? [at + 32] : [at, at + 16];
  return places.map((place) => `udp dport ${tunnel.port} @th,${place},16 ${flow.port}`);
}

const discovery = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }';

/** Creates the table; `close` deletes it. */
export function traceTable(name: string, options: TraceOptions): string {
  const matches = [...matchesOf(options.flow), ...tunnelled(options)];
  const followed = options.deep ? [...matches, discovery] : matches;
  const marks = followed.map((match) => `    ${match} meta nftrace set 1`);
  const kept = options.keepFrom
    ? matches.map((match) => `    oifname "${options.keepFrom}" ${match} drop`)
    : [];
  const chain = (hook: string, priority: number, rules: readonly string[] = []): readonly string[] => [
    `  chain ${hook} {`,
    `    type filter hook ${hook} priority ${priority};`,
    ...rules,
    '  }',
  ];
  return [
    `table inet ${name} {`,
    ...chain('prerouting', first, marks),
    ...stopping(options),
    ...chain('output', first, marks),
    ...chain('input', last),
    ...chain('forward', last),
    ...chain('postrouting', last, kept),
    '}',
  ].join('\n');
}

/** Name of the chain for `stopFrom`. */
export const stopped = 'stopped';

/** Behind all rules of prerouting, which may have rewritten the destination: by the sender's port alone. */
const stopping = ({ flow: { protocol, port }, stopFrom }: TraceOptions): readonly string[] =>
  stopFrom && protocol !== 'icmp'
    ? [
        `  chain ${stopped} {`,
        `    type filter hook prerouting priority ${last};`,
        `    iifname "${stopFrom}" meta l4proto ${protocol} th sport ${port} drop`,
        '  }',
      ]
    : [];

/** Whether nft(8) takes a name as it is. The kernel allows any bytes in names, and containers name their own tables. */
export const canBeWritten = (name: string): boolean => /^[a-zA-Z_.][\w./-]*$/.test(name);

/** Marks what is forwarded by bridges, whose rules are asked before those of IP. */
export function bridgeTraceTable(name: string, { flow, deep }: TraceOptions): string {
  const matches = [...matchesOf(flow), ...(deep ? [discovery, 'ether type arp'] : [])];
  const marks = matches.map((match) => `    ${match} meta nftrace set 1`);
  return [
    `table bridge ${name} {`,
    ...['  chain prerouting {', `    type filter hook prerouting priority ${first};`, ...marks, '  }'],
    '}',
  ].join('\n');
}

/** Marks ARP; its chains count as no hook of the probe. */
export const arpTraceTable = (name: string): string =>
  [
    `table arp ${name} {`,
    ...['input', 'output'].flatMap((hook) => [
      `  chain arp-${hook} {`,
      ...[`    type filter hook ${hook} priority ${first};`, '    meta nftrace set 1', '  }'],
    ]),
    '}',
  ].join('\n');

/** Marks what comes by a link and leaves by it, before the rules of that link alone. */
export function linkTraceTable(
  name: string,
  { flow, link, number }: TraceOptions & { readonly link: string; readonly number: number },
): string {
  const marks = matchesOf(flow).map((match) => `    ${match} meta nftrace set 1`);
  return [
    `table netdev ${name} {`,
    ...['ingress', 'egress'].flatMap((hook) => [
      `  chain ${hook}-${number} {`,
      ...[`    type filter hook ${hook} device "${link}" priority ${first};`, ...marks, '  }'],
    ]),
    '}',
  ].join('\n');
}
