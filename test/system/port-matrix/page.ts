/** The page for users: docs/published-ports.md. */
import {
  type Binding,
  bindings,
  type Cell,
  columnOf,
  direct,
  keyOf,
  type Mode,
  modes,
  places,
} from './cells.ts';
import { differences, isSilent, reasons } from './reasons.ts';
import { cellsOf, type Results } from './record.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const names: Readonly<Record<string, string>> = {
  none: '`8080:80`',
  interface: '`up0:8080:80`',
  host4: '`198.51.100.2:8080:80`',
  host6: '`[2001:db8:51::2]:8080:80`',
};
const nameOf = ({ name }: Binding): string => names[name] ?? `\`${name}:8080:80\``;

const placeNames = {
  outside: 'another host',
  host: 'the host',
  itself: 'the container itself',
  neighbour: 'a neighbour',
  other: 'another network',
} as const;
const addressNames = {
  host: ['198.51.100.2', '2001:db8:51::2'],
  second: ['198.51.100.3', '2001:db8:51::3'],
  loopback: ['127.0.0.1', '::1'],
  gateway: ["gateway's, IPv4", "gateway's, IPv6"],
  container: ["container's, IPv4", "container's, IPv6"],
} as const;

const shortOf = (word: string): string => {
  if (!isSilent(word)) return word;
  return word === '-no answer' ? '×' : '–';
};

/** TCP and UDP, in one word where they are the same. */
function wordOf(results: Results, own: readonly Cell[]): string {
  const words = own.map((cell) => shortOf(results.get(keyOf(cell)) ?? ''));
  return [...new Set(words)].join(' / ');
}

const rowsOf = (results: Results, own: readonly Cell[], columns: readonly Binding[]): string[][] =>
  Array.from(Map.groupBy(own, (cell) => `${cell.place} ${columnOf(cell)}`).values(), (group): string[] => {
    const [cell] = group;
    const words = columns.map((column) =>
      wordOf(
        results,
        group.filter(({ binding }) => binding === column),
      ),
    );
    const address = cell ? addressNames[cell.address][cell.family === 4 ? 0 : 1] : '';
    return [cell ? placeNames[cell.place] : '', address, ...words];
  });

function sectionOf(results: Results, mode: Mode): string {
  const own = cellsOf('seaway').filter((cell) => cell.mode === mode);
  const published = rowsOf(
    results,
    own.filter(({ binding }) => bindings.includes(binding)),
    bindings,
  );
  const straight = rowsOf(
    results,
    own.filter(({ binding }) => direct.includes(binding)),
    direct,
  );
  const shown = published.filter(([, , ...words]) => words.some((word) => !/^[–×]$/.test(word)));
  return [
    `## ${titles[mode.name] ?? mode.name}`,
    ...(shown.length > 0
      ? [table(['who asks', 'by the address', ...bindings.map(nameOf)], shown)]
      : ['No address of the host leads to a container.']),
    table(['who asks', 'by the address', 'the published port', 'any other'], straight),
  ].join('\n\n');
}

const titles: Readonly<Record<string, string>> = {
  nat: 'A network with both families',
  'nat, IPv4 alone': 'IPv4 alone',
  'nat, IPv6 alone': 'IPv6 alone',
  routed: 'Routed (`gateway_mode_ipv4` and `_ipv6`)',
  'nat IPv4, routed IPv6': 'IPv4 translated, IPv6 routed',
  'nat-unprotected': 'Unprotected (`nat-unprotected`)',
  'icc off': 'Containers kept apart (`enable_icc=false`)',
  'policy host, INPUT accepts': "Ports that obey the host's firewall, which accepts them",
  'policy host, INPUT drops': "Ports that obey the host's firewall, which drops them",
};

function comparison(seaway: Results, docker: Results): string {
  const found = differences(seaway, docker);
  const parts = reasons.map((reason) => {
    const count = found.filter((each) => each.reason === reason).length;
    return `**${reason.what}** (${count} cells). ${reason.why}`;
  });
  return [
    '## Beside Docker',
    `Docker 28.5 was asked the same in the ${cellsOf('docker').length} cells that it has, with iptables and with nftables. The differences, all others
fail a test:`,
    ...parts,
  ].join('\n\n');
}

export function pageOf(seaway: Results, docker: Results): string {
  const all = cellsOf('seaway').length;
  const used = places.map((place) => placeNames[place]).join(', ');
  const parts = [
    '# Who reaches a published port',
    `Measured by packets in ${all} cells (${modes.length} kinds of network, ${bindings.length} forms of \`-p\`, TCP and UDP, ${used}), the same with iptables and with
nftables (\`test/system/port-matrix.test.ts\`). This page is made of what is recorded there:
\`UPDATE_GOLDEN=1 vitest run test/golden/port-matrix.test.ts\`.`,
    `The host has the addresses 198.51.100.2 and .3, 2001:db8:51::2 and ::3 on its interface \`up0\`; the gateway's address is the host's on the
network of who asks. A cell tells which address the container sees: \`client\` is that of who asks, \`gateway\` the host's on the
container's network. \`–\` is refused, \`×\` is dropped: there is no answer. Rows without any answer are left out. Where TCP and UDP differ, TCP is first.`,
    ...modes.map((mode) => sectionOf(seaway, mode)),
    comparison(seaway, docker),
  ];
  return `${parts.join('\n\n')}\n`;
}
