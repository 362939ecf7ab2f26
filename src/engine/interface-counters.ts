/** Counters of interfaces: `net/dev` of proc(5), of a namespace that a process is in. */

export interface InterfaceCounters {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
}

/** Sixteen numbers per interface, eight received and eight sent; without the loopback. */
export function parseCounters(text: string): ReadonlyMap<string, InterfaceCounters> {
  const counters = new Map<string, InterfaceCounters>();
  for (const line of text.split('\n').slice(2)) {
    const [name = '', rest = ''] = line.split(':');
    const numbers = rest.trim().split(/\s+/).map(Number);
    const at = (index: number): number => numbers[index] ?? 0;
    if (numbers.length < 16 || name.trim() === 'lo') continue;
    counters.set(name.trim(), {
      rxBytes: at(0),
      rxPackets: at(1),
      rxErrors: at(2),
      rxDropped: at(3),
      txBytes: at(8),
      txPackets: at(9),
      txErrors: at(10),
      txDropped: at(11),
    });
  }
  return counters;
}
