/**
 * The effect of a script on the observed rules, so that they need not be read again after a change. Implements
 * the commands of `iptables-restore --noflush` that the engine's scripts use. Ring 3 compares it with the program.
 */
import { fail } from '../../errors.ts';
import type { Observed, ObservedChain, ObservedTable } from './observed.ts';

type Table = Map<string, ObservedChain>;

/** Built-in chains of each table (iptables(8)). */
const builtIn: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

/** Does not modify `observed`. Throws BUG where the program would refuse a line. */
export function restored(observed: Observed, script: string): Observed {
  const tables = new Map<string, ObservedTable>(observed);
  let edit = new TableEdit(new Map());
  for (const line of script.split('\n')) {
    if (line.startsWith('*')) {
      edit = new TableEdit(tables.get(line.slice(1)) ?? emptyTable(line.slice(1)));
      tables.set(line.slice(1), edit.table);
    } else if (line !== '' && line !== 'COMMIT') edit.run(line);
  }
  return tables;
}

const emptyTable = (name: string): ObservedTable =>
  new Map((builtIn[name] ?? []).map((chain) => [chain, { policy: 'ACCEPT', rules: [] }]));

/** A copy of a table, with chains copied on write. */
class TableEdit {
  readonly table: Table;
  readonly #copied = new Set<string>();

  constructor(table: ObservedTable) {
    this.table = new Map(table);
  }

  run(line: string): void {
    if (line.startsWith(':')) this.#declare(line);
    else if (!this.#command(line)) throw fail('BUG', `iptables-restore would refuse: ${line}`);
  }

  /** False where the program would refuse it. */
  #command(line: string): boolean {
    const [verb = '', name = ''] = line.split(' ', 2);
    const rest = line.slice(verb.length + name.length + 2);
    if (verb === '-X') return this.#drop(name);
    const rules = this.#rulesOf(name);
    if (!rules) return false;
    if (verb === '-F') rules.length = 0;
    else if (verb === '-A') rules.push(rest);
    else if (verb === '-I') return insert(rules, rest);
    else if (verb === '-D') return remove(rules, rest);
    else return false;
    return true;
  }

  #rulesOf(name: string): string[] | undefined {
    const chain = this.table.get(name);
    if (!chain || this.#copied.has(name)) return chain?.rules;
    const rules = [...chain.rules];
    this.table.set(name, { ...chain, rules });
    this.#copied.add(name);
    return rules;
  }

  #drop(name: string): boolean {
    const chain = this.table.get(name);
    const isUsed = [...this.table.values()].some(({ rules }) =>
      rules.some((rule) => rule.endsWith(`-j ${name}`)),
    );
    return !isUsed && chain?.rules.length === 0 && chain.policy === '-' && this.table.delete(name);
  }

  #declare(line: string): void {
    const [name = '', policy = ''] = line.slice(1).split(' ');
    const chain = this.table.get(name);
    if (!chain || policy === '-') this.table.set(name, { policy: chain?.policy ?? policy, rules: [] });
    else this.table.set(name, { ...chain, policy });
    if (policy === '-') this.#copied.add(name);
  }
}

/** `3 -s ...` inserts as the third rule. */
function insert(rules: string[], rest: string): boolean {
  const space = rest.indexOf(' ');
  const number = Number(rest.slice(0, space));
  if (!(number >= 1 && number <= rules.length + 1)) return false;
  rules.splice(number - 1, 0, rest.slice(space + 1));
  return true;
}

/** By number, or the first rule with that text. */
function remove(rules: string[], rest: string): boolean {
  const index = /^[0-9]+$/.test(rest) ? Number(rest) - 1 : rules.indexOf(rest);
  return index >= 0 && rules.splice(index, 1).length === 1;
}
