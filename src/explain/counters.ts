/** Rules of iptables' legacy variant, which no trace knows: those whose counters rise with the probes. Pure. */

/** A rule that has dropped packets. */
export interface Counted {
  readonly table: string;
  readonly chain: string;
  /** From 1; 0 for the policy. */
  readonly number: number;
  /** In iptables' words; '' for the policy. */
  readonly text: string;
}

interface Line extends Counted {
  readonly packets: number;
}

const drops = /-j (?:DROP|REJECT)\b/;

/** Of the text of `iptables-save -c`: rules and policies that drop. */
export function droppingLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  let table = '';
  const numbers = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      table = line.slice(1).trim();
      numbers.clear();
    }
    const [, policyOf, packetsOfPolicy] = /^:(\S+) DROP \[(\d+):/.exec(line) ?? [];
    if (policyOf !== undefined)
      lines.push({ table, chain: policyOf, number: 0, text: '', packets: Number(packetsOfPolicy) });
    const [, packets, chain, rule] = /^\[(\d+):\d+\] -A (\S+) (.*)$/.exec(line) ?? [];
    if (chain === undefined || rule === undefined) continue;
    const number = (numbers.get(chain) ?? 0) + 1;
    numbers.set(chain, number);
    if (drops.test(rule))
      lines.push({ table, chain, number, text: `-A ${chain} ${rule}`, packets: Number(packets) });
  }
  return lines;
}

/** The first whose counter has risen by at least so many packets. */
export function risen(before: string, after: string, least: number): Counted | undefined {
  const earlier = new Map(droppingLines(before).map((one) => [keyOf(one), one.packets]));
  const found = droppingLines(after).find(
    (one) => one.packets - (earlier.get(keyOf(one)) ?? one.packets) >= least,
  );
  if (!found) return undefined;
  const { table, chain, number, text } = found;
  return { table, chain, number, text };
}

const keyOf = ({ table, chain, number, text }: Counted): string => `${table} ${chain} ${number} ${text}`;
