/** The output of `iptables-save` as lists of rules. */

export interface ObservedChain {
  /** `ACCEPT` or `DROP`; `-` for a user-defined chain. */
  readonly policy: string;
  /** Without `-A CHAIN `, as printed. */
  readonly rules: string[];
}

export type ObservedTable = ReadonlyMap<string, ObservedChain>;

export type Observed = ReadonlyMap<string, ObservedTable>;

/** Reads the output of `iptables-save`, with or without counters. Tables that are not loaded are absent. */
export function parseSave(text: string): Observed {
  const tables = new Map<string, Map<string, ObservedChain>>();
  let table = new Map<string, ObservedChain>();
  for (const line of text.split('\n')) {
    const kind = line[0];
    if (kind === '*') {
      table = new Map();
      tables.set(line.slice(1).trim(), table);
    } else if (kind === ':') {
      const [name = '', policy = '-'] = line.slice(1).split(' ');
      table.set(name, { policy, rules: [] });
    } else if (kind === '-' || kind === '[') addRule(table, line);
  }
  return tables;
}

function addRule(table: Map<string, ObservedChain>, line: string): void {
  const rule = line[0] === '[' ? line.slice(line.indexOf(']') + 2) : line;
  if (!rule.startsWith('-A ')) return;
  const end = rule.indexOf(' ', 3);
  const name = end < 0 ? rule.slice(3) : rule.slice(3, end);
  table.get(name)?.rules.push(end < 0 ? '' : rule.slice(end + 1));
}

/** The inverse of `parseSave`. */
export function printSave(observed: Observed): string {
  const lines: string[] = [];
  for (const [name, chains] of observed) {
    lines.push(`*${name}`);
    for (const [chain, { policy }] of chains) lines.push(`:${chain} ${policy} [0:0]`);
    for (const [chain, { rules }] of chains) for (const rule of rules) lines.push(`-A ${chain} ${rule}`);
    lines.push('COMMIT');
  }
  return `${lines.join('\n')}\n`;
}
