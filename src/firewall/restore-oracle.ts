/**
 * iptables-restore --noflush in miniature, for tests: it runs the commands that our scripts have and
 * refuses what the program would refuse. Ring 3 runs the same scripts on the kernel.
 */
import { parseSave } from './observed.ts';

interface Chain {
  policy: string;
  rules: string[];
}

type Tables = Map<string, Map<string, Chain>>;

/** Built-in chains of each table (iptables(8)). */
const builtIn: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

/** The output of `iptables-save` after a script has run on what an earlier one printed. */
export function applyScript(saved: string, script: string): string {
  const tables: Tables = new Map();
  for (const [name, chains] of parseSave(saved))
    tables.set(
      name,
      new Map([...chains].map(([chain, { policy, rules }]) => [chain, { policy, rules: [...rules] }])),
    );
  let table = new Map<string, Chain>();
  for (const line of script.split('\n')) {
    if (line.startsWith('*')) table = tableOf(tables, line.slice(1));
    else if (line !== '' && line !== 'COMMIT') run(table, line);
  }
  return print(tables);
}

function tableOf(tables: Tables, name: string): Map<string, Chain> {
  const known = tables.get(name);
  if (known) return known;
  const table = new Map<string, Chain>();
  for (const chain of builtIn[name] ?? []) table.set(chain, { policy: 'ACCEPT', rules: [] });
  tables.set(name, table);
  return table;
}

function run(table: Map<string, Chain>, line: string): void {
  if (line.startsWith(':')) declare(table, line);
  else if (!command(table, line)) throw new Error(`refused: ${line}`);
}

/** False where the program would refuse it. */
function command(table: Map<string, Chain>, line: string): boolean {
  const [verb = '', name = '', first = '', ...rest] = line.split(' ');
  const chain = table.get(name);
  if (!chain) return false;
  const number = /^[0-9]+$/.test(first) ? Number(first) : undefined;
  if (verb === '-X') return drop(table, name, chain);
  if (verb === '-F') chain.rules.length = 0;
  else if (verb === '-A') chain.rules.push([first, ...rest].join(' '));
  else if (verb === '-I' && number !== undefined && number <= chain.rules.length + 1)
    chain.rules.splice(number - 1, 0, rest.join(' '));
  else if (verb === '-D') {
    const index = number === undefined ? chain.rules.indexOf([first, ...rest].join(' ')) : number - 1;
    return index >= 0 && chain.rules.splice(index, 1).length === 1;
  } else return false;
  return true;
}

function drop(table: Map<string, Chain>, name: string, chain: Chain): boolean {
  const used = [...table.values()].some(({ rules }) => rules.some((rule) => rule.endsWith(`-j ${name}`)));
  return !used && chain.rules.length === 0 && chain.policy === '-' && table.delete(name);
}

function declare(table: Map<string, Chain>, line: string): void {
  const [name = '', policy = ''] = line.slice(1).split(' ');
  const chain = table.get(name);
  if (!chain) table.set(name, { policy, rules: [] });
  else if (policy === '-') chain.rules.length = 0;
  else chain.policy = policy;
}

function print(tables: Tables): string {
  const lines: string[] = [];
  for (const [name, chains] of tables) {
    lines.push(`*${name}`);
    for (const [chain, { policy }] of chains) lines.push(`:${chain} ${policy} [0:0]`);
    for (const [chain, { rules }] of chains) for (const rule of rules) lines.push(`-A ${chain} ${rule}`);
    lines.push('COMMIT');
  }
  return `${lines.join('\n')}\n`;
}
