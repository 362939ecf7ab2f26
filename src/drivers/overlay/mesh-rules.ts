/**
 * Rules of the routing mesh. A connection to a published port goes to a task here, or to a node with one, which hands it to its
 * task; the client's address stays. What comes back takes the way of its connection, whose mark tells the node.
 */
import type { MeshMembers, MeshMembersGateway } from '../../model/driver.ts';
import { meshAddress, meshLink, meshMac, meshMark, meshMask, meshRulesetName } from '../../model/mesh.ts';
import type { MeshPort } from '../../model/virtual-service.ts';
import { type Family, familyOf } from '../../net/family.ts';
import type { RulesetFlows, RulesetObject } from '../../objects/object.ts';

interface Meshed {
  /** Of this node. */
  readonly number: number;
  readonly others: readonly number[];
  /** Addresses of other nodes as hosts, by their number. */
  readonly own: ReadonlyMap<number, readonly string[]>;
  readonly mesh: MeshMembers;
  readonly families: readonly Family[];
}

export function meshRuleset({ families, ...of }: Meshed): RulesetObject {
  const tables: { ip?: string; ip6?: string } = {};
  for (const family of families) tables[family === 4 ? 'ip' : 'ip6'] = tableOf(of, family);
  return {
    ...{ kind: 'ruleset', ns: 'host', name: meshRulesetName, tables },
    flows: of.mesh.ports.map((port) => flowsOf(port, { ...of, families })),
  };
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
const rest = hex(~meshMask >>> 0);
const mask = hex(meshMask);
/** Sets a mark's bits of the mesh, and leaves the others. */
const setMark = (which: 'meta' | 'ct', number: number): string =>
  `${which} mark set ${which} mark & ${rest} | ${hex(meshMark(number))}`;

type OneFamily = Omit<Meshed, 'families'>;

function tableOf(of: OneFamily, family: Family): string {
  const { others, mesh } = of;
  const ip = family === 4 ? 'ip' : 'ip6';
  const own = meshAddress(of.number, family);
  const entries = mesh.ports.map((port) => ({
    port,
    entry: targets(port, of, family),
    inside: inside(port, of, family),
  }));
  const by = (chain: string): string =>
    others.length === 0
      ? ''
      : `ether saddr vmap { ${others.map((n) => `${meshMac(n)} : jump ${chain}-${n}`).join(', ')} }`;
  const back = others.map((n) => `${hex(meshMark(n))} : jump mark-${n}`).join(', ');
  const toLocal = family === 4 ? 'fib daddr type local' : 'fib daddr type local ip6 daddr != ::1';
  const gateway = gatewayRules(mesh.gateway, { family, own, hosts: hostsOf(of, family) });
  return `${map(
    'entry',
    entries.map(({ port, entry }) => [port, entry]),
  )}${map(
    'inside',
    entries.map((one) => [one.port, one.inside]),
  )}${entries.map(({ port, entry, inside }) => chainOf('entry', port, entry) + chainOf('inside', port, inside)).join('')}${others.map((n) => `  chain mark-${n} {\n    ${setMark('meta', n)}\n  }\n  chain flow-${n} {\n    ${setMark('ct', n)}\n  }\n`).join('')}  chain early {
    type filter hook prerouting priority -310; policy accept;
${others.length > 0 ? `    iifname "${meshLink}" ${by('mark')}\n${zoneRule(others)}` : ''}${gateway.early}  }
  chain marks {
    type filter hook prerouting priority -150; policy accept;
    iifname "${meshLink}" meta mark set meta mark & ${rest}
${others.length > 0 ? `    iifname "${meshLink}" ct state new ${by('flow')}\n    iifname != "${meshLink}" ct direction reply ct mark & ${mask} vmap { ${back} }\n` : ''}  }
  chain unmark {
    type filter hook postrouting priority -150; policy accept;
    oifname "${meshLink}" meta mark set meta mark & ${rest}
  }
  chain pre {
    type nat hook prerouting priority -101; policy accept;
    iifname "${meshLink}" ${ip} daddr ${own} meta l4proto . th dport vmap @inside
    iifname != "${meshLink}" ${toLocal} meta l4proto . th dport vmap @entry
  }
  chain out {
    type nat hook output priority -101; policy accept;
    ${toLocal} meta l4proto . th dport vmap @entry
  }
  chain post {
    type nat hook postrouting priority 99; policy accept;
${gateway.post}  }
  chain guard {
    type filter hook input priority -10; policy accept;
    iifname "${meshLink}" ct status & dnat != dnat meta l4proto tcp reject with tcp reset
    iifname "${meshLink}" ct status & dnat != dnat reject
  }
  chain pass {
    type filter hook forward priority -10; policy accept;
    iifname "${meshLink}" tcp flags syn tcp option maxseg size set rt mtu
    oifname "${meshLink}" tcp flags syn tcp option maxseg size set rt mtu
    iifname "${meshLink}" ct status & dnat != dnat drop
    oifname "${meshLink}" ct status & dnat != dnat drop
  }
`;
}

/**
 * A client may ask two nodes from the same port, and both may choose the same task: its two flows are told apart by the node that they come
 * from, and the second one gets another port.
 */
const zoneRule = (others: readonly number[]): string =>
  `    iifname "${meshLink}" ct original zone set ether saddr map { ${others.map((n) => `${meshMac(n)} : ${n}`).join(', ')} }\n`;

/** `ADDRESS . ADDRESS IN THE MESH` of other nodes. */
const hostsOf = ({ others, own }: OneFamily, family: Family): readonly string[] =>
  others.flatMap((number) =>
    (own.get(number) ?? [])
      .filter((address) => familyOf(address) === family)
      .map((address) => `${address} . ${meshAddress(number, family)}`),
  );

interface OfFamily {
  readonly family: Family;
  readonly own: string;
  readonly hosts: readonly string[];
}

/**
 * Sources that each host has get this node's address, so that answers find back; a node that is asked for a task of the client's
 * own host, too: that one takes no packet from itself.
 */
function gatewayRules(
  gateway: MeshMembersGateway | undefined,
  { family, own, hosts }: OfFamily,
): { readonly early: string; readonly post: string } {
  const ip = family === 4 ? 'ip' : 'ip6';
  const subnets = gateway?.subnets.filter((one) => familyOf(one) === family) ?? [];
  const links = [meshLink, ...(gateway ? [gateway.link] : [])].map((link) => `"${link}"`).join(', ');
  const loopback = family === 4 ? ['127.0.0.0/8'] : [];
  const hidden = [...loopback, ...subnets];
  const lines: string[] = [];
  if (hidden.length > 0)
    lines.push(`    oifname "${meshLink}" ${ip} saddr { ${hidden.join(', ')} } snat to ${own}\n`);
  if (hosts.length > 0)
    lines.push(
      `    oifname "${meshLink}" ${ip} saddr . ${ip} daddr { ${hosts.join(', ')} } snat to ${own}\n`,
    );
  if (gateway && subnets.length > 0)
    // a task that reaches itself
    lines.push(
      `    oifname "${gateway.link}" ${ip} saddr { ${subnets.join(', ')} } ct status & dnat == dnat masquerade\n`,
    );
  if (gateway && family === 4) lines.push(`    oifname "${gateway.link}" ip saddr 127.0.0.0/8 masquerade\n`);
  // route_localnet is for what this host sends
  const early = family === 4 ? `    iifname { ${links} } ip daddr 127.0.0.0/8 drop\n` : '';
  return { early, post: lines.join('') };
}

const key = ({ protocol, port }: MeshPort): string => `${protocol} . ${port}`;
const chainName = (which: string, { protocol, port }: MeshPort): string => `${which}-${protocol}-${port}`;

function map(which: string, ports: readonly (readonly [MeshPort, readonly string[]])[]): string {
  const used = ports.filter(([, to]) => to.length > 0);
  const elements = used.map(([port]) => `${key(port)} : goto ${chainName(which, port)}`).join(', ');
  return `  map ${which} {
    type inet_proto . inet_service : verdict
${elements ? `    elements = { ${elements} }\n` : ''}  }
`;
}

function chainOf(which: string, port: MeshPort, to: readonly string[]): string {
  if (to.length === 0) return '';
  const choice = to.map((one, i) => `${i} : ${one}`).join(', ');
  return `  chain ${chainName(which, port)} {
    meta l4proto ${port.protocol} dnat to numgen random mod ${to.length} map { ${choice} }
  }
`;
}

/** Where new connections to the port go: once for each task. */
function targets(port: MeshPort, of: OneFamily, family: Family): readonly string[] {
  const { numbers, here } = of.mesh;
  const local = inside(port, of, family);
  const away = port.backends
    .filter(({ open, nodeId }) => open && nodeId !== here)
    .flatMap(({ nodeId }) => {
      const number = numbers.get(nodeId);
      return number !== undefined && of.others.includes(number)
        ? [`${meshAddress(number, family)} . ${port.port}`]
        : [];
    });
  return [...local, ...away].sort();
}

/** Tasks of this node. */
const inside = (port: MeshPort, { mesh }: OneFamily, family: Family): readonly string[] =>
  port.backends
    .filter(({ open, nodeId }) => open && nodeId === mesh.here)
    .flatMap(({ container }) => mesh.addresses.get(container) ?? [])
    .filter((address) => familyOf(address) === family)
    .map((address) => `${address} . ${port.targetPort}`)
    .sort();

/** Who may answer flows to the port; one that drains may, too. */
function flowsOf(port: MeshPort, { mesh, others, families }: Meshed): RulesetFlows {
  const answering = port.backends.flatMap(({ nodeId, container }) => {
    if (nodeId === mesh.here) return mesh.addresses.get(container) ?? [];
    const number = mesh.numbers.get(nodeId);
    return number !== undefined && others.includes(number)
      ? families.map((family) => meshAddress(number, family))
      : [];
  });
  return { protocol: port.protocol, port: port.port, answering: [...new Set(answering)].sort() };
}
